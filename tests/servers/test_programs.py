"""Nothing is skipped in silence, and nothing at all where a machine promises to have everything."""

import pytest

from programs import program


def test_without_its_program_a_test_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-server of Debian's package some-package is not installed"):
        program("no-such-server", "some-package")


def test_where_nothing_may_be_skipped_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="is not installed"):
        program("no-such-server", "some-package")
