"""Lengths of time in all three notations."""

from datetime import timedelta

import pytest

from callboard.core.duration import parse_duration
from callboard.core.errors import InputError


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ({"minutes": 5, "seconds": 3}, 303),
        ({"milliseconds": 250}, 0.25),
        ({"days": 1, "hours": 0.5}, 88200),
        ({"minutes": "5"}, 300),
        ({"years": 1, "months": 1, "weeks": 1}, (365 + 30 + 7) * 86400),
        ("PT5M", 300),
        ("P1DT2H3M4.5S", 93784.5),
        ("P1M", 30 * 86400),
        ("P2W", 14 * 86400),
        ("PT0S", 0),
        ("30s", 30),
        ("5m", 300),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("100ms", 0.1),
        ("1.5 hours", 5400),
        ("2 days", 172800),
        (" 10 Min ", 600),
    ],
)
def test_a_duration_is_read(written: object, seconds: float) -> None:
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "5",
            "s",
            "5 parsecs",
            "-5m",
            "P",
            "PT",
            "P1DT",
            "PT5",
            "T5M",
            "1h x",
            "1" * 101 + "s",
            "٣s",
        ),
        *(None, 5, True, [], {}, {"fortnights": 1}, {"minutes": -1}, {"minutes": True}, {"minutes": "x"}),
        *(
            {"years": 10**9},
            {"seconds": float("nan")},
            {"seconds": float("inf")},
            {"days": 10**400},
            "99999999999y",
        ),
        *({"minutes": None}, {5: 5}),
    ],
)
def test_what_is_no_duration_is_an_input_error(written: object) -> None:
    with pytest.raises(InputError, match="duration"):
        parse_duration(written)
