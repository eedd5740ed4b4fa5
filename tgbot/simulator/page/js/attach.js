// What a person can send besides text.
import { deed } from "./api.js";
import { el } from "./dom.js";

const PLAIN = [["sticker", "Sticker", "👍"], ["voice", "Voice message", "three seconds"], ["location", "Location", "somewhere"], ["contact", "Contact", "of one’s own"]];

export function attachments(composer) {
  const { phone } = composer;
  const send = (body) => phone.attempt(() => deed(phone.personId, "send", { ...body, chat_id: phone.chatId }));
  const option = (words, note, doing) => {
    const made = el("button", { type: "button", role: "option", tabindex: "-1" }, el("b", {}, words), el("span", {}, note));
    made.addEventListener("click", () => composer.pick(doing));
    return made;
  };
  const pick = (kind, accept) => () => {
    const input = el("input", { type: "file", accept });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (file) send({ kind, name: file.name, mime_type: file.type || "application/octet-stream", content: await base64(file) });
    });
    input.click();
  };
  return [
    option("Picture", "from this machine", pick("photo", "image/png,image/jpeg,image/webp,image/gif")),
    option("File", "from this machine", pick("document", "")),
    ...PLAIN.map(([kind, words, note]) => option(words, note, () => send({ kind }))),
  ];
}

async function base64(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
