"""The follow-up plan as a diagram and a table, in Markdown: what a clinician checks is what the bot does."""

from tgbot.followup.protocol import CLOSE, Branch, CountedFrom, Felt, Protocol, Reason, Seen, Step
from tgbot.followup.times import hours_or_days


def diagram(protocol: Protocol) -> str:
    """A Mermaid flowchart of every step and every branch."""
    lines = ["```mermaid", "flowchart TD", '  t0(["T0: warning signs, pain, consent"])', '  end_(["closed"])']
    lines += [f'  {step.id}["{_when(step)}<br>{_quoted(step.purpose)}"]' for step in protocol.steps.values()]
    lines += [
        f"  t0 --> {protocol.main}",
        f"  t0 -- same-day sign --> {protocol.net}",
        '  t0 -- emergency sign --> emergency(["emergency number, nothing else"])',
        f"  emergency -. only if wanted .-> {protocol.safe}",
    ]
    for step in protocol.steps.values():
        for target, changes in _targets(step).items():
            arrow = "end_" if target == CLOSE else target
            lines.append(f"  {step.id} -- {' / '.join(changes)} --> {arrow}")
    return "\n".join([*lines, "```"])


def table(protocol: Protocol) -> str:
    """Every step: when, for whom, why, on what ground, and the words each answer gets."""
    rows = [
        "| Step | When | Who | Why | Basis | Sources | Gone | Better | Same | Very little | Worse |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for step in protocol.steps.values():
        who = ", ".join(sorted(step.who)) or "everybody"
        cells = [
            step.id, _when(step), who, step.reason, step.basis.value, ", ".join(step.sources) or "–",
            *(_branch(step.branches.get(how)) for how in Felt),
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def signs(protocol: Protocol) -> str:
    """The safety question: each answer, its tier and the warning signs of the pack behind it."""
    rows = ["| Answer | Tier | Warning signs |", "|---|---|---|"]
    rows += [f"| {one.id} | {one.tier.value} | {', '.join(one.flags)} |" for one in protocol.signs.values()]
    return "\n".join(rows)


def standing(protocol: Protocol) -> str:
    """While "get help today" stands: why, whether they were seen, and the words for each answer."""
    rows = [
        "| Told before | Seen | Gone | Better | Same | Very little | Worse |",
        "|---|---|---|---|---|---|---|",
    ]
    for reason in Reason:
        for seen in Seen:
            said = protocol.standing[reason][seen]
            cells = [reason.value, seen.value, *(_branch(said.get(how), "by its day") for how in Felt)]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _quoted(text: str) -> str:
    """Mermaid ends a text at a straight quote."""
    return text.replace('"', "#quot;")


def _targets(step: Step) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for how in Felt:
        if branch := step.branches.get(how):
            targets.setdefault(branch.next, []).append(how.value)
    return targets


def _branch(branch: Branch | None, nothing: str = "–") -> str:
    return f"`{branch.advice}` → {branch.next}" if branch else nothing


def _when(step: Step) -> str:
    time = hours_or_days(step.after)
    if step.counted_from is CountedFrom.ANSWER:
        return f"{time} after the answer" if step.after else "when asked for"
    return f"{time} after onset"
