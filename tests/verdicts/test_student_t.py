"""The closed forms of Student's t against scipy's."""

import pytest
from scipy import stats

from engine.verdicts.student_t import above, two_sided, within


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 9, 18, 19])
def test_probabilities_and_quantiles_are_those_of_scipy(degrees: int) -> None:
    for t in (0.0, 0.1, 1.0, 2.5, 20.0, 300.0):
        assert within(t, degrees) == pytest.approx(1 - 2 * stats.t.sf(t, degrees), abs=1e-12)
        assert above(t, degrees) == pytest.approx(stats.t.sf(t, degrees), abs=1e-12)
        assert above(-t, degrees) == pytest.approx(stats.t.sf(-t, degrees), abs=1e-12)
    for level in (0.5, 0.05, 0.05 / 11, 0.01 / 999):
        assert two_sided(level, degrees) == pytest.approx(stats.t.isf(level / 2, degrees), rel=1e-9)
