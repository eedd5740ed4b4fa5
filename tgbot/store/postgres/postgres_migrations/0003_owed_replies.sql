-- compatible: 2
-- See the SQLite schema with the same number.

CREATE TABLE owed_reply (
  update_id bigint PRIMARY KEY,
  chat_id   bigint NOT NULL,
  at        bigint NOT NULL,
  until     bigint NOT NULL
);
CREATE INDEX owed_reply_chat ON owed_reply (chat_id);
