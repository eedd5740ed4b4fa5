"""Every method that is answered, by its name."""

from collections.abc import Callable

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.methods import (
    about,
    callback_methods,
    chats,
    edits,
    inline_methods,
    media,
    messages,
    receiving,
)
from tgbot.simulator.telegram import Telegram

METHODS: dict[str, Callable[[Telegram, JsonObject, Uploads], object]] = {
    "getMe": about.get_me,
    "logOut": receiving.log_out,
    "close": receiving.close,
    "setWebhook": receiving.set_webhook,
    "deleteWebhook": receiving.delete_webhook,
    "getWebhookInfo": receiving.get_webhook_info,
    "sendMessage": messages.send_message,
    "sendPhoto": media.send_photo,
    "sendDocument": media.send_document,
    "sendMediaGroup": media.send_media_group,
    "editMessageMedia": media.edit_message_media,
    "getFile": media.get_file,
    "getUserProfilePhotos": media.get_user_profile_photos,
    "answerInlineQuery": inline_methods.answer_inline_query,
    "sendChatAction": messages.send_chat_action,
    "copyMessage": messages.copy_message,
    "forwardMessage": messages.forward_message,
    "deleteMessage": messages.delete_message,
    "deleteMessages": messages.delete_messages,
    "editMessageText": edits.edit_message_text,
    "editMessageCaption": edits.edit_message_caption,
    "editMessageReplyMarkup": edits.edit_message_reply_markup,
    "answerCallbackQuery": callback_methods.answer_callback_query,
    "setMyCommands": about.set_my_commands,
    "getMyCommands": about.get_my_commands,
    "deleteMyCommands": about.delete_my_commands,
    "setMyName": about.set_my_name,
    "getMyName": about.get_my_name,
    "setMyDescription": about.set_my_description,
    "getMyDescription": about.get_my_description,
    "setMyShortDescription": about.set_my_short_description,
    "getMyShortDescription": about.get_my_short_description,
    "setChatMenuButton": about.set_chat_menu_button,
    "getChatMenuButton": about.get_chat_menu_button,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getChatAdministrators": chats.get_chat_administrators,
    "leaveChat": chats.leave_chat,
    "pinChatMessage": chats.pin_chat_message,
    "unpinChatMessage": chats.unpin_chat_message,
    "unpinAllChatMessages": chats.unpin_all_chat_messages,
}
"""getUpdates waits and is therefore called by itself (api.py)."""
