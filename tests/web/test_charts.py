from __future__ import annotations

from datetime import date

from web.charts import columns, shade, strip


def test_a_column_stacks_what_the_month_holds_and_says_it_in_words() -> None:
    march = columns([{}, {}, {"done": 3, "overdue": 1}])[2]
    assert march.total == 4
    assert march.words == "3月 4 项：按时办结3项、逾期未办1项"
    assert [piece.look for piece in march.pieces] == ["done", "overdue"]
    assert march.pieces[0].height == 3 * march.pieces[1].height
    assert march.pieces[1].y + march.pieces[1].height == march.pieces[0].y


def test_what_was_due_before_the_start_is_told_from_what_is_still_to_do() -> None:
    (january,) = columns([{"open": 2, "silent": 5}])
    assert [piece.look for piece in january.pieces] == ["open", "silent"]
    assert january.words == "1月 7 项：待办2项、启用前到期5项"


def test_a_year_without_anything_has_twelve_empty_columns() -> None:
    assert [column.pieces for column in columns([{}] * 12)] == [()] * 12


def test_the_strip_holds_each_day_of_its_months_once_and_weeks_begin_on_monday() -> None:
    half = strip(2026, 7, 12, {date(2026, 12, 4): 5}, frozenset({date(2026, 12, 4)}))
    assert [cell.on for cell in half.cells] == sorted(cell.on for cell in half.cells)
    assert (half.cells[0].on, half.cells[-1].on) == (date(2026, 7, 1), date(2026, 12, 31))
    assert len(half.cells) == 184
    constitution_day = next(cell for cell in half.cells if cell.on == date(2026, 12, 4))
    assert (constitution_day.count, constitution_day.overdue, constitution_day.shade) == (5, True, 4)
    monday = next(cell for cell in half.cells if cell.on == date(2026, 7, 6))
    wednesday = next(cell for cell in half.cells if cell.on == date(2026, 7, 1))
    assert monday.x > wednesday.x
    assert monday.y < wednesday.y


def test_a_busier_day_is_never_lighter() -> None:
    shades = [shade(count, 39, 4) for count in range(40)]
    assert shades == sorted(shades)
    assert (shades[0], shades[1], shades[-1]) == (0, 1, 4)
