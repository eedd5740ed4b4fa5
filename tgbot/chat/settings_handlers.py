"""What people decide about the bot: how it writes to them (/settings, /zone), and what is stored of them
(/privacy), which they can read or have erased.
"""

from tgbot.chat.request import File, Reply, Request
from tgbot.chat.start_handlers import StartHandlers
from tgbot.content import ContentPack
from tgbot.screens.buttons import Forget, PickZone, SetCountry, SetQuiet, ShowSettings, WithdrawConsent
from tgbot.screens.faq_screens import Screens
from tgbot.screens.settings_screens import SettingsScreens, quiet_from, quiet_of
from tgbot.screens.start_screens import StartScreens
from tgbot.screens.zones import known, zones_of
from tgbot.service.episodes import EpisodeView
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.personal_data import Privacy, archive
from tgbot.service.ports import Clock
from tgbot.service.preferences import Preferences


class SettingsHandlers:
    def __init__(
        self,
        preferences: Preferences,
        screens: SettingsScreens,
        start: StartScreens,
        started: StartHandlers,
        clock: Clock,
        recent: Recent,
        pack: ContentPack,
    ) -> None:
        """`started` goes on with the form that starts an episode, if that asked for the zone."""
        self._recent = recent
        self._pack = pack
        self._preferences = preferences
        self._screens = screens
        self._start = start
        self._started = started
        self._clock = clock

    async def settings(self, request: Request, _: ShowSettings | None = None) -> Reply:
        return await self._shown(request, await self._preferences.look(request.person_id))

    async def zone(self, request: Request) -> Reply:
        """/zone, with a city, a country or the time there, or without."""
        if request.typed.text and (reply := await self._placed(request, "s")) is not None:
            return reply
        self._recent.turned(request.person_id, AskedFor.PLACE, where="s")
        said = self._screens.no_such_place() if request.typed.text else ""
        return Reply(self._start.zones(self._clock.now(), 0, "s", said))

    async def place(self, request: Request) -> Reply | None:
        """A place typed after it was asked for; None for words that name none."""
        return await self._placed(request, self._recent.of(request.person_id).where or "s")

    async def _placed(self, request: Request, where: str) -> Reply | None:
        zones = zones_of(request.typed.text, self._pack.conversation, self._pack.locale, self._clock.now())
        if len(zones) == 1:
            return await self.pick_zone(request, PickZone(zones[0], "0", where))
        if not zones:
            return None
        self._recent.turned(request.person_id, AskedFor.PLACE, where=where)
        return Reply(self._start.some_zones(zones, self._clock.now(), where, self._screens.which_place()))

    async def pick_zone(self, request: Request, button: PickZone) -> Reply:
        """A zone that was tapped; or, before there is consent, only carried on in the form."""
        now, page = self._clock.now(), int(button.page or 0)
        if not known(button.zone):
            self._recent.turned(request.person_id, AskedFor.PLACE, where=button.where)
            return Reply(self._start.zones(now, page, button.where))
        self._recent.picked(request.person_id, zone=button.zone)
        if button.where[:1] in ("x", "t"):
            return await self._started.zone_told(request, button)
        seen = await self._preferences.zone(request.update_id, request.person_id, button.zone)
        if button.where == "e" and seen.course is not None and seen.course.untouched:
            return Reply(self._start.planned(seen.course, seen.person, now))
        return await self._shown(request, seen)

    async def set_quiet(self, request: Request, button: SetQuiet) -> Reply:
        start = quiet_from(button.hours)
        if start is not None:
            return Reply(self._screens.quiet_hour(start))
        quiet = quiet_of(button.hours)
        if quiet is None and button.hours != "off":
            return Reply(self._screens.quiet())
        return await self._shown(
            request, await self._preferences.quiet(request.update_id, request.person_id, quiet)
        )

    async def set_country(self, request: Request, button: SetCountry) -> Reply:
        if not self._screens.is_country(button.iso):
            self._recent.turned(request.person_id, AskedFor.COUNTRY)
            return Reply(self._screens.countries(int(button.page or 0)))
        return await self._shown(
            request, await self._preferences.country(request.update_id, request.person_id, button.iso)
        )

    async def withdraw(self, request: Request, _: WithdrawConsent) -> Reply:
        withdrawn = await self._preferences.withdraw(request.person_id)
        return Reply(self._screens.withdrawn()) if withdrawn else await self._shown(request, EpisodeView())

    async def _shown(self, request: Request, seen: EpisodeView) -> Reply:
        if seen.person is None:
            return Reply(self._screens.need_consent(await self._preferences.keeps(request.person_id)))
        return Reply(self._screens.settings(seen.person, seen.course, self._clock.now()))


class PrivacyHandlers:
    """/privacy answers always; /export hands over everything; /forget asks once and then leaves nothing."""

    def __init__(self, screens: Screens, privacy: Privacy, recent: Recent) -> None:
        self._screens = screens
        self._privacy = privacy
        self._recent = recent

    async def privacy(self, request: Request, _: object = None) -> Reply:
        return Reply(self._screens.privacy)

    async def export(self, request: Request, _: object = None) -> Reply:
        data = await self._privacy.collect(request.person_id)
        if data is None:
            return Reply(self._screens.nothing_to_export)
        made = archive(data, self._screens.export_page(request.at), request.at)
        return Reply(
            self._screens.exported, file=File("backcheck-export.zip", made, picture=False), fresh=True
        )

    async def ask(self, request: Request) -> Reply:
        self._recent.turned(request.person_id, AskedFor.ERASE)
        return Reply(self._screens.forget_ask)

    async def forget(self, request: Request, button: Forget) -> Reply:
        if button.sure != "y":
            return await self.ask(request)
        self._recent.forget(request.person_id)
        erased = await self._privacy.forget(request.person_id, request.at)
        return Reply(self._screens.forgotten(erased.episodes, erased.follow_ups, erased.entries))
