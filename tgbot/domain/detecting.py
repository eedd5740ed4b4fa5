"""Warning signs in a message: rules over ideas first, and a learned second net under them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tgbot.domain.content import Tier
from tgbot.domain.learning import Classifier
from tgbot.domain.reading import Reading

ALARM_LEAD = 0.05  # over "calm": above it the second net alone raises the alarm
ALARM_TOGETHER = 0.2  # signs this near to the strongest are named with it

_WORST_FIRST = {Tier.EMERGENCY: 0, Tier.SAME_DAY: 1, Tier.SOON: 2}


@dataclass(frozen=True, slots=True)
class Alarm:
    """The signs seen, the worst first (none: all calm), and what made them seen."""

    signs: tuple[str, ...]
    tier: Tier
    scores: tuple[tuple[str, float], ...]
    matched: tuple[str, ...]


class Detector:
    """Looks for warning signs; the class "" of the classifier stands for calm."""

    def __init__(self, net: Classifier, tiers: Mapping[str, Tier]) -> None:
        self._net = net
        # What people tell of is there now: a sign for "soon" told as news is a sign for today (brief, S7).
        self._tiers = {sign: Tier.SAME_DAY if t is Tier.SOON else t for sign, t in tiers.items()}

    def detect(self, reading: Reading, features: frozenset[str]) -> Alarm:
        scores = self._net.scores(features)
        calm = scores.pop("")
        ordered = tuple(sorted(((s, v - calm) for s, v in scores.items()), key=lambda p: (-p[1], p[0])))
        top = ordered[0][1]
        signs = [sign for sign, lead in ordered if lead >= max(ALARM_LEAD, top - ALARM_TOGETHER)]
        signs.sort(key=lambda sign: _WORST_FIRST[self._tiers[sign]])
        tier = self._tiers[signs[0]] if signs else Tier.SAME_DAY
        matched = tuple(name for name, _ in self._net.reasons(features, ordered[0][0])[:6])
        return Alarm(tuple(signs[:3]), tier, ordered[:3], matched)
