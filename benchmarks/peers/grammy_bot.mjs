// The bot as grammY's own manual writes it, with its runner. argv: API, token, screens, how many to send.
import { readFileSync } from "node:fs";
import { Bot } from "grammy";
import { run } from "@grammyjs/runner";

const [api, token, file, sends, first] = process.argv.slice(2);
const screens = JSON.parse(readFileSync(file, "utf8"));
const bot = new Bot(token, { client: { apiRoot: api } });

const extra = (screen) => ({
  parse_mode: "HTML",
  reply_markup: { inline_keyboard: screens[screen].rows },
});

if (Number(sends)) {
  const screen = Object.keys(screens)[0];
  for (let chat = Number(first); chat < Number(first) + Number(sends); chat++) {
    await bot.api.sendMessage(chat, screens[screen].text, extra(screen));
  }
} else {
  bot.on("callback_query:data", async (ctx) => {
    await ctx.answerCallbackQuery();
    await ctx.editMessageText(screens[ctx.callbackQuery.data].text, extra(ctx.callbackQuery.data));
  });
  run(bot);
}
