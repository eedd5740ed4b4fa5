-- Replies that were still to be sent when their update was acknowledged, in a crowd: whoever is owed one after a
-- kill is told so. Ids only; taken away when the reply is sent, and after a day. `until` is when another process
-- may take it over.
CREATE TABLE owed_reply (
  update_id INTEGER PRIMARY KEY,
  chat_id   INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  until     INTEGER NOT NULL
) STRICT;
CREATE INDEX owed_reply_chat ON owed_reply (chat_id);
