"""The page in Chromium, offline: on a phone it does not scroll sideways, and its charts' words stand clear of each other."""

import html
import io
import json
import re
import subprocess
from pathlib import Path

import pytest

from phaseout.model.answer import Answer
from phaseout.reports import REPORTS
from programs import program

WIDTHS = (320, 360, 390, 768, 1280)
"""From the narrowest phone to a desk, in CSS pixels."""

FRAMES = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
{frames}
<pre id="seen"></pre>
<script>
function measured(page) {{
  const root = page.documentElement;
  const shown = [...page.querySelectorAll("svg.chart")].filter(one => one.getBoundingClientRect().width > 0);
  const clashes = [], outside = [], sizes = [];
  for (const chart of shown) {{
    const words = [...chart.querySelectorAll("text")], scale = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
    const boxes = words.map(one => [one.textContent, one.getBoundingClientRect()]);
    sizes.push(...words.map(one => parseFloat(getComputedStyle(one).fontSize) * scale));
    boxes.forEach(([text, box], place) => {{
      if (box.left < -1 || box.right > root.clientWidth + 1) outside.push(text);
      for (const [others, other] of boxes.slice(place + 1))
        if (box.left < other.right && other.left < box.right && box.top + 2 < other.bottom && other.top + 2 < box.bottom)
          clashes.push([text, others]);
    }});
  }}
  return {{width: root.clientWidth, content: root.scrollWidth, charts: shown.length, clashes, outside,
    smallest: Math.min(...sizes), colour: getComputedStyle(page.body).backgroundColor}};
}}
addEventListener("load", () => {{
  const pages = [...document.querySelectorAll("iframe")].map(frame => measured(frame.contentDocument));
  document.getElementById("seen").textContent = JSON.stringify(pages);
}});
</script>
"""


def chromium(folder: Path) -> list[str]:
    """The browser, without a screen or a network."""
    return [
        program("chromium", "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip


def seen(answer: Answer, folder: Path, widths: tuple[int, ...], *flags: str) -> list[dict]:
    """Open the page in frames as wide as screens, and return what can be measured there."""
    stream = io.StringIO()
    REPORTS["html"].write(answer, stream)
    page = html.escape(stream.getvalue())
    frames = "".join(f'<iframe width="{width}" height="900" style="border:0" srcdoc="{page}"></iframe>' for width in widths)
    place = folder / "frames.html"
    place.write_text(FRAMES.format(frames=frames), encoding="utf-8")
    done = subprocess.run(
        [*chromium(folder), "--hide-scrollbars", "--window-size=1400,1000", *flags, "--dump-dom", place.as_uri()],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    found = re.search(r'<pre id="seen">(\[.*?\])</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("which", ["staged_answer", "hostile_answer", "large_answer"])
def test_nothing_scrolls_sideways_and_no_words_clash(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    pages = seen(request.getfixturevalue(which), tmp_path, WIDTHS)
    assert [page["width"] for page in pages] == list(WIDTHS)
    assert [page["width"] for page in pages if page["content"] > page["width"]] == []
    assert {page["charts"] for page in pages} == {3}
    assert [page["clashes"] for page in pages if page["clashes"]] == []
    assert [page["outside"] for page in pages if page["outside"]] == []
    assert min(page["smallest"] for page in pages) >= 9


def test_dark_and_light_differ(answer: Answer, tmp_path: Path) -> None:
    light = seen(answer, tmp_path, (390,), "--blink-settings=preferredColorScheme=1")[0]["colour"]
    dark = seen(answer, tmp_path, (390,), "--blink-settings=preferredColorScheme=0")[0]["colour"]
    assert light == "rgb(250, 249, 246)"
    assert dark == "rgb(21, 22, 25)"


def test_what_is_shut_on_a_screen_is_open_on_paper(answer: Answer, tmp_path: Path) -> None:
    with (tmp_path / "page.html").open("w", encoding="utf-8") as page:
        REPORTS["html"].write(answer, page)
    paper, source = tmp_path / "page.pdf", (tmp_path / "page.html").as_uri()
    subprocess.run([*chromium(tmp_path), f"--print-to-pdf={paper}", source], check=True, capture_output=True, timeout=120)
    text = subprocess.run(
        [program("pdftotext", "poppler-utils"), "-raw", paper, "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    violation = answer.violations[0]
    assert str(violation.evidence[0].first) in text.replace("\n", " ").replace("- ", "-")
    assert answer.coverage.never_seen[0].name in text
