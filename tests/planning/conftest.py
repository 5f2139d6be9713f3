"""The town's years: the built-in tables, and notices written for these tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from planning.duty import Duty, Kind, Party, Shift
from planning.notice import parse_notice
from planning.rules import DateRule
from planning.workdays import Workdays, builtin_years

# A busy machine is no fault of the calculation.
settings.register_profile("town", deadline=None)
settings.load_profile("town")

# The facts of the real 2026 arrangement, in sentences of our own.
NOTICE_2026 = """
2026年部分节假日安排
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""

# INVENTED: no notice for 2027 was known when this was written. It keeps the law's 13 days and adds up.
INVENTED_NOTICE_2027 = """
虚构的2027年部分节假日安排（仅供测试）
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


@pytest.fixture(scope="session")
def notice_2026() -> str:
    return NOTICE_2026


@pytest.fixture(scope="session")
def invented_notice_2027() -> str:
    return INVENTED_NOTICE_2027


@pytest.fixture(scope="session")
def workdays() -> Workdays:
    """2004 to 2026 known, 2027 not yet: the world of November 2026."""
    return Workdays(builtin_years())


@pytest.fixture(scope="session")
def workdays_with_2027() -> Workdays:
    """The same world after the (invented) notice for 2027 has come."""
    return Workdays({**builtin_years(), 2027: parse_notice(INVENTED_NOTICE_2027).table})


@pytest.fixture(scope="session")
def make_duty() -> Callable[..., Duty]:
    def make(rule: DateRule, shift: Shift = Shift.NONE, **fields: Any) -> Duty:
        return Duty(
            key="a-duty", kind=Kind.ROUTINE, title="事项", rule=rule, owner=Party(role="经办人"), ladder=(), shift=shift, **fields
        )

    return make
