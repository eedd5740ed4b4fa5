"""Frames in two languages: the shipped one, and enough Arabic to see that right-to-left reads well."""

from dataclasses import replace
from functools import cache
from types import MappingProxyType

from tgbot.content import ContentPack
from tgbot.followup.protocol import Protocol
from tgbot.packs.loader import load
from tgbot.packs.protocol_file import load_follow_up
from tgbot.screens.screen import ScreenContext
from tgbot.settings import shipped_content

_ARABIC = {
    "picture.title": "الألم من 0 إلى 10",
    "picture.time": "اليوم والوقت",
    "picture.pain": "الألم",
    "picture.check_in": "متابعة",
    "picture.onset": "البداية",
    "page.title": "ألم أعلى الظهر – ما سجلته",
    "page.recorded": "سجله الشخص نفسه ولم يتحقق منه أحد. هذا ليس سجلا طبيا.",
    "page.onset": "البداية",
    "page.times": "كل الأوقات",
    "page.state": "الآن",
    "page.course": "المسار",
    "page.signs": "علامات الخطر: السؤال والجواب",
    "page.tried": "ما ساعد",
    "page.made": "تاريخ الصفحة",
    "page.nothing": "لا شيء",
    "page.cut": "أحدث {count} من {all} سطرا فقط.",
    "label.pain": "الألم {value} من 10",
    "label.outcome.better": "أفضل",
    "label.outcome.same": "كما هو",
    "label.outcome.worse": "أسوأ",
    "label.outcome.gone": "زال",
    "label.function.most": "أستطيع معظم الأشياء",
    "label.function.some": "أستطيع بعض الأشياء",
    "label.function.little": "أستطيع القليل جدا",
    "label.safety.none": "لا علامة خطر",
    "label.that_helped": "ساعد: {what}",
    "label.helped.heat": "الدفء",
    "label.helped.walk": "المشي",
    "label.helped.stretch": "تمارين خفيفة",
    "label.note": "ملاحظة: {value}",
    "label.state.open": "مستمرة",
    "time.yours": "{date} الساعة {time} بتوقيتك",
    "time.exact": "{date} الساعة {time}",
}


@cache
def shipped() -> tuple[ContentPack, Protocol]:
    """The shipped words and plan, read once for all tests of a process."""
    return load_follow_up(shipped_content(), load(shipped_content()))


def english() -> ScreenContext:
    return ScreenContext(*shipped())


def arabic() -> ScreenContext:
    """What is not translated here stays English; a chart and a card use nothing of that."""
    frame = english()
    ui = MappingProxyType({**frame.pack.ui, **_ARABIC})
    return ScreenContext(replace(frame.pack, locale="ar", ui=ui), frame.protocol)
