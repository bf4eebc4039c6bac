-- The tables of the file of a world. Its version is in store.py.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE switches (application TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (application, key)) WITHOUT ROWID;
CREATE TABLE tenants (id TEXT PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL);
CREATE TABLE subscriptions (id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant TEXT NOT NULL);
CREATE TABLE people (
  alias TEXT PRIMARY KEY, name TEXT NOT NULL, upn TEXT NOT NULL, kind TEXT NOT NULL,
  tenant TEXT NOT NULL, oid TEXT NOT NULL UNIQUE, side TEXT NOT NULL, app_id TEXT UNIQUE,
  secret TEXT NOT NULL);
CREATE TABLE groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant TEXT NOT NULL);
CREATE TABLE members (grp TEXT NOT NULL, principal TEXT NOT NULL, PRIMARY KEY (grp, principal))
  WITHOUT ROWID;
CREATE INDEX members_of ON members (principal);
CREATE TABLE roles (
  id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, description TEXT NOT NULL,
  permission TEXT NOT NULL, is_custom INTEGER NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE resources (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, subscription TEXT NOT NULL, grp TEXT NOT NULL,
  name TEXT NOT NULL, application TEXT, definition TEXT, publisher TEXT,
  body TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX resources_in ON resources (type, subscription, grp, id);
CREATE INDEX resources_of ON resources (type, subscription, id);
CREATE INDEX resources_by_name ON resources (type, name);
CREATE INDEX resources_by_application ON resources (application) WHERE application IS NOT NULL;
CREATE INDEX resources_by_definition ON resources (definition) WHERE definition IS NOT NULL;
CREATE INDEX resources_by_publisher ON resources (subscription, publisher)
  WHERE publisher IS NOT NULL;
CREATE TABLE assignments (
  id TEXT PRIMARY KEY, scope TEXT NOT NULL, subscription TEXT NOT NULL, principal TEXT NOT NULL,
  role TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL, request TEXT, body TEXT NOT NULL)
  WITHOUT ROWID;
CREATE INDEX assignments_at ON assignments (scope, principal);
CREATE INDEX assignments_of ON assignments (principal, subscription, ends);
CREATE INDEX assignments_for ON assignments (request) WHERE request IS NOT NULL;
CREATE TABLE denials (id TEXT PRIMARY KEY, scope TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX denials_at ON denials (scope);
CREATE TABLE operations (
  id TEXT PRIMARY KEY, subscription TEXT NOT NULL, caller TEXT NOT NULL, polls INTEGER NOT NULL,
  target TEXT, started TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE faults (
  id INTEGER PRIMARY KEY, skip INTEGER NOT NULL, left INTEGER, body TEXT NOT NULL);
CREATE TABLE buckets (key TEXT PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE past (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, subscription TEXT NOT NULL, grp TEXT NOT NULL,
  name TEXT NOT NULL, body TEXT, private TEXT, until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE codes (
  code TEXT PRIMARY KEY, user_code TEXT UNIQUE, client TEXT NOT NULL, tenant TEXT NOT NULL,
  scope TEXT NOT NULL, oid TEXT, ends REAL NOT NULL, kept TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE certificates (
  thumbprint TEXT PRIMARY KEY, oid TEXT NOT NULL, modulus TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE activity (
  id TEXT PRIMARY KEY, subscription TEXT NOT NULL, at TEXT NOT NULL, target TEXT NOT NULL,
  provider TEXT NOT NULL, correlation TEXT NOT NULL, body TEXT NOT NULL, before TEXT)
  WITHOUT ROWID;
CREATE INDEX activity_in ON activity (subscription, at);
CREATE INDEX activity_on ON activity (at, target);
