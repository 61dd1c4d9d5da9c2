-- A store as version 1 of the schema left it. Never edited: it stands for the files that users have.
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE event (
    sequence INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
INSERT INTO "event" VALUES(41,X'7B7D');
INSERT INTO "event" VALUES(42,X'00FF');
CREATE TABLE experiment (
    key INTEGER PRIMARY KEY,
    workspace TEXT NOT NULL,
    name TEXT NOT NULL,
    run TEXT NOT NULL,
    mode TEXT NOT NULL,
    status TEXT NOT NULL,
    openedAt INTEGER NOT NULL,
    closedAt INTEGER
) STRICT;
INSERT INTO "experiment" VALUES(1,'/home/ann/ws','train','20261122_101500','NORMAL','closed',1795342500250,1795342600000);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1');
CREATE TABLE service (
    key INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL REFERENCES experiment (key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    description TEXT NOT NULL,
    definition TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    runtime TEXT NOT NULL
) STRICT;
INSERT INTO "service" VALUES(2,1,'tensorboard','scalars','{"run":{"kind":"composite"}}',1,'{"state":"RUNNING"}');
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    instance TEXT NOT NULL,
    lastKey INTEGER NOT NULL DEFAULT 0,
    lastSequence INTEGER NOT NULL DEFAULT 0,
    lastAttempt INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "state" VALUES(1,'00112233445566778899aabbccddeeff',7,42,5);
CREATE INDEX serviceOfExperiment ON service (experiment);
COMMIT;
