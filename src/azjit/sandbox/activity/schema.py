"""The table of the activity log: each write, with what its resource was before."""

SCHEMA = """
CREATE TABLE activity (
  id TEXT PRIMARY KEY, subscription TEXT NOT NULL, at TEXT NOT NULL, target TEXT NOT NULL,
  provider TEXT NOT NULL, correlation TEXT NOT NULL, body TEXT NOT NULL, before TEXT)
  WITHOUT ROWID;
CREATE INDEX activity_in ON activity (subscription, at);
CREATE INDEX activity_on ON activity (at, target);
"""
TABLES = ("activity",)
