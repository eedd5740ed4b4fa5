"""protocol.yaml and followup.yaml: each mistake is one sentence with its file and line."""

import shutil
from pathlib import Path

import pytest

from tgbot.packs.loader import load
from tgbot.packs.protocol_file import load_follow_up
from tgbot.packs.yaml_files import PackErrors
from tgbot.settings import shipped_content

PLAN, WORDS = "protocol.yaml", "en/followup.yaml"
MISTAKES = [
    # file, what stands there, what it becomes, what is said
    (PLAN, "main: h72", "main: h73", "`h73` is not a step"),
    (PLAN, "main: h72", "main: h24", "`h24` must be counted from onset"),
    (PLAN, "one_more: d42", "one_more: d43", "`d43` is not a step"),
    (PLAN, "one_more: d42", "one_more: h24", "`h24` must be counted from onset"),
    (PLAN, "after: 72h", "after: 72", "must be a number of hours or days, like 72h or 14d"),
    (PLAN, "after: 72h", "after: 999999999999h", "must be at most 366d"),
    (PLAN, "after: 72h", f"after: {'9' * 5000}d", "must be at most 366d"),
    (PLAN, "after: 72h", "after: 367d", "must be at most 366d"),
    (PLAN, "after: 72h", "after: ٣d", "must be a number of hours or days"),
    (PLAN, "late_after: 1h", "late_after: 99999999h", "must be at most 366d"),
    (PLAN, "worse_in_a_row: 3", "worse_in_a_row: 0", "must be greater than or equal to 1"),
    (PLAN, "after: 14d", "after: 6d", "are not in the order of their times"),
    (PLAN, "next: d14}", "next: d15}", "`d15` is not a step"),
    (PLAN, "flags: [E2]", "flags: [E99]", "`E99` is not a sign in redflags.yaml"),
    (PLAN, "flags: [E2]", "flags: []", "must name at least one sign"),
    (PLAN, "flags: [E2]", "flags: [U1]", "`U1` is not of tier E"),
    (PLAN, "sources: [COSTA-2012, PENGEL-2003]", "sources: []", "`evidence` needs sources"),
    (PLAN, "      gone: {advice: gone, next: close}\n", "", "nothing is said to `gone`"),
    (PLAN, "basis: judgement", "basis: hope", "must be 'evidence', 'judgement' or 'both'"),
    (PLAN, "advice: same_week", "advice: same_weak", "`same_weak` is missing; protocol.yaml says it"),
    (PLAN, "- {id: chest,", "- {id: tearing,", "`tearing` is here twice"),
    (PLAN, "- {id: chest,", "- {id: 'a:b',", "`a:b` is not an id"),
    (PLAN, "- {id: chest,", f"- {{id: {'c' * 31},", "at most 22"),
    (PLAN, "- {id: chest,", "- {id: none,", "is what is noted of an answer without a sign"),
    (PLAN, "- id: h24", "- id: h72", "`h72` is here twice"),
    (PLAN, "{id: cancer,", "{id: bancer,", "two ids begin with the same letter"),
    (PLAN, "flags: [U5, S6]", "flags: [U55]", "`U55` is not a sign in redflags.yaml"),
    (PLAN, "{advice: seen_same, next: by_day}", "{advice: seen_same, next: d15}", "`d15` is not a step"),
    (PLAN, "    booked:\n", "    maybe:\n", "must be 'yes', 'booked' or 'no'"),
    (WORDS, "  bones:\n", "  bonez:\n", "`bones` is missing; protocol.yaml asks for it"),
    (WORDS, "  chest: {short:", "  cheek: {short:", "`chest` is missing; protocol.yaml asks for it"),
    (WORDS, "my next message. {advice}", "my next message. {dose}", "no other braces"),
]


def test_a_plan_without_an_emergency_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "content"
    shutil.copytree(shipped_content(), root)
    plan = root / PLAN
    plan.write_text(plan.read_text(encoding="utf-8").replace("tier: E", "tier: U"), encoding="utf-8")

    with pytest.raises(PackErrors, match="no sign is of tier E"):
        load_follow_up(root, load(root))


@pytest.mark.parametrize(("file", "before", "after", "said"), MISTAKES)
def test_each_mistake_is_said_with_its_file_and_line(
    tmp_path: Path, file: str, before: str, after: str, said: str
) -> None:
    root = tmp_path / "content"
    shutil.copytree(shipped_content(), root)
    pack = load(root)
    text = (root / file).read_text(encoding="utf-8")
    assert before in text
    (root / file).write_text(text.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(PackErrors) as errors:
        load_follow_up(root, pack)

    problems = [str(problem) for problem in errors.value.problems]
    where = "followup.yaml" if "protocol.yaml says it" in said else file.rpartition("/")[2]
    assert any(said in problem for problem in problems), problems
    assert all(where in problem.partition(" ")[0] for problem in problems if said in problem)
    assert all(problem.split(":")[1].isdecimal() for problem in problems)


def test_the_shipped_plan_is_the_brief_s_schedule() -> None:
    _, protocol = load_follow_up(shipped_content(), load(shipped_content()))

    hours = {step.id: step.after.total_seconds() / 3600 for step in protocol.steps.values()}
    assert hours == {
        "asked": 0,
        "h24": 24,
        "safe": 24,
        "h72": 72,
        "d7": 168,
        "d14": 336,
        "d28": 672,
        "d42": 1008,
        "d56": 1344,
    }
    assert protocol.rules.reminder_after.total_seconds() == 24 * 3600
