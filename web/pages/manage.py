"""管理: one plain link to each room that the clerk looks after, and planning by the files as they are."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from web.file_change import Change, NoChange
from web.gate import Needs, Writes
from web.pages.change_steps import NOTHING, Form, Told, take_step
from web.shell import READ, Shell

_ROOMS = (
    ("/people", "人员和单位", "职务、接收地址、代办、离任移交", Action.EDIT_FILES),
    ("/duties", "事项", "谁办、什么时候、怎么提醒", Action.EDIT_FILES),
    ("/items/new", "临时事项", "上级临时交办的，二十秒登记好", Action.ADD_ITEM),
    ("/holidays", "放假安排", "导入放假通知，当地停工和调休", Action.EDIT_FILES),
    ("/settings", "启用日和设置", "启用日、提醒时刻、提醒阶梯", Action.EDIT_FILES),
    ("/accounts", "账号", "谁能登录，能看到什么", Action.ACCOUNTS),
    ("/programs", "接口密钥", "给别的系统用", Action.ACCOUNTS),
    ("/today", "渠道和运行", "没发出去的、渠道测试、备份", Action.SEE_UPKEEP),
    ("/coming", "将要发出", "今后五个工作日的消息", Action.SEE_UPKEEP),
    ("/security", "安全日志", "谁进来过，谁改过什么", Action.SEE_SECURITY),
    ("/feedback/list", "意见", "收到的意见建议", Action.SEE_UPKEEP),
    ("/replan", "按文件重新编排", "在服务器上直接改过文件以后用", Action.EDIT_FILES),
)
"""Address, name, what for, and who sees the link."""


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows, writes = Depends(Needs(shell, Action.EDIT_FILES)), Depends(Writes(shell, Action.EDIT_FILES))

    @pages.api_route("/manage", methods=READ, dependencies=[shows])
    def manage(request: Request) -> Response:
        return shell.page(request, "manage.html", rooms=_ROOMS, faults=shell.app.office.errors[:10])

    @pages.api_route("/replan", methods=READ, dependencies=[shows])
    def replan(request: Request) -> Response:
        return ReplanForm(shell, request).show(NOTHING)

    @pages.post("/replan", dependencies=[writes])
    def replan_now(request: Request) -> Response:
        return take_step(shell, request, ReplanForm(shell, request))

    return pages


class ReplanForm(Form):
    """``suishi plan`` as a page: for who has edited the files by hand."""

    heading = "按现在的文件编排"
    about = "replan"
    back = ("/manage", "回到管理")

    def __init__(self, shell: Shell, request: Request) -> None:
        self.shell = shell
        self.request = request

    def change(self) -> Change:
        return NoChange(self.shell.app)

    def show(self, told: Told) -> Response:
        return self.shell.page(self.request, "replan.html", code=told.code, told=told)
