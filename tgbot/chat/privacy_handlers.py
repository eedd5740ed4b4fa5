"""What is stored: told, handed over, erased."""

from tgbot.chat.request import File, Reply, Request
from tgbot.screens.buttons import Forget
from tgbot.screens.screens import Screens
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.personal_data import Privacy, archive


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
