// The bot as grammY's own manual writes it, with its runner. argv: API, token, screens, and how many to
// send, to whom first, how many at once.
import { readFileSync } from "node:fs";
import { Bot } from "grammy";
import { run } from "@grammyjs/runner";

const [api, token, file, sends, first, atOnce] = process.argv.slice(2);
const screens = JSON.parse(readFileSync(file, "utf8"));
const bot = new Bot(token, { client: { apiRoot: api } });

const extra = (screen) => ({
  parse_mode: "HTML",
  reply_markup: { inline_keyboard: screens[screen].rows },
});

if (Number(sends)) {
  const screen = Object.keys(screens)[0];
  const end = Number(first) + Number(sends);
  let chat = Number(first);
  const loop = async () => {
    while (chat < end) await bot.api.sendMessage(chat++, screens[screen].text, extra(screen));
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, loop));
} else {
  bot.on("callback_query:data", async (ctx) => {
    await ctx.answerCallbackQuery();
    await ctx.editMessageText(screens[ctx.callbackQuery.data].text, extra(ctx.callbackQuery.data));
  });
  run(bot);
}
