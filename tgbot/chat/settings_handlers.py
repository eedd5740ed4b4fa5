"""/settings and /zone, and the buttons that change them in place."""

from tgbot.chat.request import Reply, Request
from tgbot.screens.buttons import PickZone, SetCountry, SetQuiet, ShowSettings, Withdraw
from tgbot.screens.settings_screens import SettingsScreens, quiet_from, quiet_of
from tgbot.screens.start_screens import StartScreens
from tgbot.screens.zones import known, zone_named
from tgbot.service.episodes import Seen
from tgbot.service.ports import Clock
from tgbot.service.preferences import Preferences


class SettingsHandlers:
    def __init__(
        self,
        preferences: Preferences,
        screens: SettingsScreens,
        start: StartScreens,
        clock: Clock,
    ) -> None:
        self._preferences = preferences
        self._screens = screens
        self._start = start
        self._clock = clock

    async def settings(self, request: Request, _: ShowSettings | None = None) -> Reply:
        return await self._shown(request, await self._preferences.look(request.person_id))

    async def zone(self, request: Request) -> Reply:
        """/zone, with a city or without."""
        zone = zone_named(request.text) if request.text else None
        if zone is not None:
            return await self._shown(
                request, await self._preferences.zone(request.update_id, request.person_id, zone)
            )
        said = self._screens.no_such_place() if request.text else ""
        return Reply(self._start.zones(self._clock.now(), 0, "s", said))

    async def pick_zone(self, request: Request, button: PickZone) -> Reply:
        """A zone that was tapped; or, before there is consent, only carried on to the days of that zone."""
        now, page = self._clock.now(), int(button.page) if button.page.isdecimal() else 0
        if not known(button.zone):
            return Reply(self._start.zones(now, page, button.where))
        if button.where.startswith("x"):
            return Reply(self._start.days(button.zone, button.where[1:], now))
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
            return Reply(self._screens.countries(int(button.page) if button.page.isdecimal() else 0))
        return await self._shown(
            request, await self._preferences.country(request.update_id, request.person_id, button.iso)
        )

    async def withdraw(self, request: Request, _: Withdraw) -> Reply:
        withdrawn = await self._preferences.withdraw(request.person_id)
        return Reply(self._screens.withdrawn()) if withdrawn else await self._shown(request, Seen())

    async def _shown(self, request: Request, seen: Seen) -> Reply:
        if seen.person is None:
            return Reply(self._screens.need_consent(await self._preferences.keeps(request.person_id)))
        return Reply(self._screens.settings(seen.person, seen.course, self._clock.now()))
