"""Mistakes to plant in a copy of the pack: which check finds it, in which file, what is replaced by what."""
# ruff: noqa: E501  a table is read across

BEST = "en/answers/treat-best.yaml"
WORRY = "en/answers/when-to-worry.yaml"
LOWER = "en/answers/lower-back-treat.yaml"

MISTAKES = [
    # check, file, what is replaced, by what, a part of what is said
    ("no-promise", BEST, "Short walks and", "It cures. Short walks and", "“cures” promises"),
    ("no-promise", BEST, "Short walks and", "Gone in 30 seconds. Short walks and", "“30 seconds” promises"),
    ("no-promise", BEST, "Short walks and", "It is nothing to worry about. Walks and", "“nothing to worry”"),
    ("no-diagnosis", BEST, "Short walks and", "You have a strain. Walk, and", "“You have a strain”"),
    ("no-diagnosis", BEST, "Short walks and", "It is just a muscle. Walk, and", "“It is just a muscle”"),
    ("no-dose", BEST, "Short walks and", "Take 400 mg. Walk, and", "“400 mg”"),
    ("no-dose", LOWER, "with food.", "two tablets with food.", "“two tablets”"),
    ("no-dose", LOWER, "with food.", "every 6 hours with food.", "“every 6 hours”"),
    ("no-literal-number", WORRY, "Be seen today:", "Call 111 today:", "“Call 111”"),
    ("no-literal-number", WORRY, "Be seen today:", "999 or be seen today:", "“999”"),
    ("no-fear", WORRY, "Be seen today:", "It can be deadly. Be seen today:", "“deadly”"),
    ("no-blame", BEST, "Short walks and", "You should have rested. Walk, and", "“You should have”"),
    ("not-as-advice", BEST, "Short walks and", "A corset. Short walks and", "“corset”"),
    ("not-as-advice", BEST, "### Not recommended", "### Also good", "“corsets”"),
    ("painkiller-cautions", BEST, "asthma, kidney", "kidney", "not: asthma"),
    ("relaxant-cautions", "en/answers/q-muscle-relaxants.yaml", "with alcohol, ", "with ", "not: alcohol"),
    ("warmth-cautions", BEST, "wrapped in a cloth, 15–20 minutes", "15–20 minutes", "wrap or cloth"),
    ("short-forms", LOWER, "Anti-inflammatory medicines (NSAIDs)", "NSAIDs", "say what NSAID means"),
    ("sentence-length", BEST, "as you are able", "as you are able" + " and able" * 9, "a sentence of 27 words"),
    ("point-first", BEST, "There is no single best one.", "There is no single best one." * 6, "the point is longer"),
    ("screen-length", BEST, "Short walks and", "Walk. " * 60 + "Walk and", "on one screen"),
    ("sources", "en/answers/q-comes-back.yaml", "[PENGEL-2003, COCHRANE-BEDREST]", "[PENGEL-2003]", "fewer than two"),
    ("sources", "en/answers/q-comes-back.yaml", "[PENGEL-2003, COCHRANE-BEDREST]", "[NICE-NG234, FIND-A-HELPLINE]", "no source that"),
    ("claims", BEST, "sources: [NICE-NG59]}", "sources: [HSE-DSE]}", "C30 rests on HSE-DSE"),
    ("claims", BEST, ", sources: [NICE-NG59]}", "}", "C30 is contradicted by no source"),
    ("low-back-said", BEST, "Most studies are on lower-back pain.", "", "does not say so"),
    ("signs-named", "en/answers/causes-upper-back.yaml", "for chest pain", "for pain", "missing: chest"),
    ("signs-named", WORRY, "Numb between the legs", "Numb", "numb between the legs"),
    ("signs-named", LOWER, "numbness between the legs", "numbness", "cauda equina"),
    ("related", BEST, "related: [", "related: [q-sleep, q-neck, q-work, ", "7 are"),
    ("related", BEST, "related: [", "related: [treat-best, ", "not related to itself"),
    ("letters", "en/followup.yaml", "picture.pain: Pain", "picture.pain: 疼痛", "no font here has 疼痛"),
    ("written", BEST, "written: 2026", "written: 2027", "a day that has been"),
    ("written", BEST, "written: 2026", "written: 2025", "over a year ago"),
    ("wordings", "en/answers/q-sleep.yaml", "Which side should I sleep on?", "what works BEST for back spasms", "already a wording of treat-best"),
    ("buttons", BEST, "label: What is", "label: What in the whole wide world is", "for buttons"),
    ("numbers", "emergency.yaml", "verified_on: null", "verified_on: 2026-01-01", "check the number again"),
    ("no-dose", "en/redflags.yaml", "Take no more tablets.", "Take two tablets.", "“two tablets”"),
    ("no-literal-number", "en/ui.yaml", "Pick a question.", "Dial 111.", "“Dial 111”"),
    ("profile-length", "en/ui.yaml", "72 hours. Not a doctor.", "72 hours." + " Not a doctor." * 3, "Telegram takes 120"),
    ("no-promise", "en/ui.yaml", "Not a doctor. In an", "A cure. In an", "“cure” promises"),
    ("no-promise", "en/followup.yaml", "It is common for", "It is harmless. It is common for", "“harmless”"),
    ("sources", "protocol.yaml", "[SAFETYNET-2018, SAFETYNET-2022]", "[SAFETYNET]", "`SAFETYNET` is not known"),
    ("sources", "en/followup.yaml", "[NHS-BACK, DEVON-THORACIC, SAFETYNET-2018]", "[NHS-BAC]", "`NHS-BAC` is not known"),
    ("questions", "en/questions.yaml", "answer: q-sleep", "answer: q-work", "finds q-sleep"),
    ("questions", "en/questions.yaml", "answer: q-sleep", "answer: q-slep", "is not an answer"),
    ("questions", "en/questions.yaml", "card: crisis", "card: soon", "shows the card crisis"),
    ("questions", BEST, "related: [", "asked: [can i drive]\nrelated: [", "finds q-drive"),
    ("questions", "en/questions.yaml", ", unknown: true", "", "say one of"),
    ("load", "en/followup.yaml", "start.hours: |", "start.our: |", "`start.our` is not a sentence the bot uses"),
    ("load", "en/followup.yaml", "If you feel very unwell: {call}", "If you feel very unwell: {phone}", "advice may use"),
    ("load", BEST, "id: treat-best", "id: treat-bets", "must be the file's name"),
]  # fmt: skip

# Where a finding stands that is not about the very line that was changed: what the line begins with.
ELSEWHERE = {
    "relaxant-cautions": "**Risk:** drowsiness",
    "warmth-cautions": "There is no single best one.",
    "“corsets”": "- Belts and corsets",
    "point-first": "short:",
    "advice may use": "text:",
    "screen-length": "body:",
    "signs-named": "body:",
    "low-back-said": "sources:",
}
