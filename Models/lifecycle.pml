/* lifecycle: one service, its record, xpmd and the keeper, while both are killed at any moment.
 *
 * What stands where in the code: the section "xpmd decides" is ServiceMachine with Facts.swift, "xpmd carries out" is
 * Supervisor.apply, Effects.swift and Ledger.swift, "xpmd takes over" is Takeover.swift, and proctype Keeper is the
 * keeper's engine. README.md says what is left out. Every claim is an assert. Nothing in it can go on for ever, so each
 * run ends, and what holds at every end (proctype Judge) is what comes of every request.
 */

#ifndef REQUESTS
#define REQUESTS 2      /* of clients */
#endif
#ifndef XPMD_CRASHES
#define XPMD_CRASHES 1
#endif
#ifndef KEEPER_CRASHES
#define KEEPER_CRASHES 1
#endif
#ifndef RETRIES
#define RETRIES 1       /* limit of the restart policy on-failure */
#endif
#ifndef STUCK
#define STUCK 0         /* processes that SIGKILL ends only later, as in uninterruptible sleep */
#endif
#ifndef READINESS
#define READINESS 0     /* 1: there are conditions of readiness */
#endif
#ifndef HEALTH
#define HEALTH 0        /* failures of health checks */
#endif
#ifndef LEAVING
#define LEAVING 0       /* 1: processes may say STOPPING=1 */
#endif
#define ATTEMPTS (REQUESTS * (RETRIES + 1) + 1)

mtype = { start, stop, restart };                                       /* requests to xpmd */
mtype = { spawn, adopt, search, signal, kill, acknowledge };            /* KeeperRequest; search is to adopt without a pid */
mtype = { welcome, snapshot, spawned, exited, emptied, leaves };        /* KeeperMessage; leaves is STOPPING=1 */
mtype = { idle, retrying, clearing, spawning, probing, running, leaving, terminating, killing };   /* Phase and its steps */
mtype = { nothing, failed, unkillable };                                /* Failure */
mtype = { unset, good, bad, ended, unknown };                           /* ExitStatus; ended is by the signals of a stop */
mtype = { lives, ignores, finishes, fails, hangs, mute, announces };    /* what a process will do; mute is never ready */
mtype = { none, alive, zombie, gone };                                  /* what a process is */
mtype = { forgotten, isRunning, hasExited, isEmpty };                   /* AttemptReport.Phase */

/* ---- The world: the processes of the last attempt, which outlive whoever started them ---- */

typedef Process {
    byte attempt;
    mtype main = none;
    mtype fate = lives;
    mtype status = unset;
    bit rest;           /* others of the attempt live beside or after the main process */
    bit signalled;
    byte parent;        /* the keeper that may wait for it; 0 is init */
    byte keepersKilled; /* when it began */
}
Process process;
byte stuckLeft = STUCK;

#define ALIVE (process.main == alive || process.rest)

/* ---- What is on record ---- */

typedef Record {
    mtype phase = idle;
    mtype failure = nothing;
    byte attempt;       /* the current one; of idle and retrying the residue */
    byte other;         /* of clearing the residue, of stopping the next attempt */
    byte restarts;
    bit wanted;
    byte keeper;        /* which one was asked for the process */
    byte last;          /* Runtime.attempt: the last attempt, also when it is over */
    mtype exit = unset; /* of the last attempt */
    byte numbers;       /* the last number given to an attempt */
}
Record record;          /* on the disk */
Record known;           /* xpmd's own */

/* ---- Ghosts: what was said to whom ---- */

mtype asked = stop;     /* the last request */
bit acknowledged = 1;   /* that was answered */
byte sequence;          /* its number */
bit exitOnRecord[ATTEMPTS];
bit everRan[ATTEMPTS];
bit givenUp[ATTEMPTS];  /* said to be stuck in the kernel */
bit seenToRun[ATTEMPTS];    /* on record */
bit late[ATTEMPTS];     /* not ready, not healthy or not gone when it had to be */
bit anyFinished, anyGivenUp;
byte keepersKilled;

/* ---- xpmd's memory besides ---- */

#define DECISIONS 6
#define HAS(set, effect) ((set) & (effect))
#define SPAWN 1
#define TERMINATE 2
#define KILL 4
#define ACKNOWLEDGE 8
#define RETRY 16
#define CANCEL 32       /* readiness, grace, kill, and all watches */
#define CANCELRETRY 64
#define WATCH 128       /* readiness or health */
#define GRACE 256

typedef Decision {
    Record row;
    short effects;
    byte subject;       /* the attempt that terminate, kill and acknowledge are about */
    byte next;          /* the attempt to spawn */
    byte reply;         /* the number of the request to answer, 0 for none */
}
Decision ledger[DECISIONS];
byte decided;           /* decisions that wait to be saved or to be carried out */
byte durable;           /* the first of them that are saved */

bit xpmdUp, serving;
byte keeperIdentity;    /* of the connected keeper, once its snapshot is there */
byte connection;        /* the keeper that xpmd is connected to; 0 for none */
byte askedOf;           /* ServiceEntry.asked: the attempt that some keeper was asked to spawn */
byte adopting;          /* ServiceEntry.adopting */
byte respawns;          /* ServiceEntry.respawns */
byte graceTimer, killTimer; /* the attempt that they run for */
bit retryTimer;
bit leftoversKilled;    /* ServiceMachine.leftoversAreKilled */
byte watch;             /* the attempt whose readiness or health is watched */
byte unhealthy = HEALTH;

/* ---- The keeper's memory ---- */

bit keeperUp, hello, hasClient;
byte keeperNumber;      /* KeeperIdentity.instance: never used again */
typedef Entry { mtype phase = forgotten; mtype status = unset; bit isChild; bit isUnseen; bit hasSaid; bit isAcknowledged; bit isKilled; }
Entry table[ATTEMPTS];
byte remembered;        /* how many entries there are */
/* isUnseen: a search found nobody (its pid is 0). */
byte dying;             /* the set of those whose main process is gone, and that are not known to be empty */

chan toKeeper = [10] of { mtype, byte };
chan toXpmd = [8] of { mtype, byte, mtype };
typedef Report { mtype phase = forgotten; mtype status = unset; bit isUnseen; }
Report report[ATTEMPTS];    /* the snapshot, on its way */

byte i, j, n;           /* scratch of atomic steps; 0 between them */
short effects;
byte subject, toSpawn, reply;
mtype before = idle, was = idle;
short todo;

/* ---- xpmd decides ---- */

#define live(r) ((r.phase == clearing) -> r.other : r.attempt)
#define STOPPING(r) (r.phase == leaving || r.phase == terminating || r.phase == killing)
#define STARTS(r) (r.phase == clearing || r.phase == spawning)

#define PAST_GRACE (leftoversKilled || (known.phase == idle && known.failure == unkillable))

inline begin(number) {                  /* idle or retrying, with the residue in known.attempt */
    leftoversKilled = PAST_GRACE;
    known.failure = nothing;
    if
    :: known.attempt != 0 ->
        known.phase = clearing; known.other = known.attempt; known.attempt = number;
        /* What is left has been told to end, and its deadline runs. */
        effects = effects | (leftoversKilled -> KILL : 0); subject = known.other
    :: else -> known.phase = spawning; known.attempt = number; effects = effects | SPAWN; toSpawn = number
    fi
}

inline fail(why, residue) {
    known.attempt = residue; known.other = 0;
    if
    :: why == failed && known.restarts < RETRIES -> known.phase = retrying; effects = effects | RETRY
    :: else -> known.phase = idle
    fi;
    known.failure = why
}

/* A stop of what has lost its main process: on the rung that this stands on. */
inline stopLeftovers(number) {
    subject = number;
    known.phase = (PAST_GRACE -> killing : terminating);
    known.attempt = subject; known.other = 0; known.failure = nothing;
    effects = effects | (known.phase == killing -> KILL : 0)
}

inline end(number, why) {               /* of the current attempt; afterwards `number` is started, if it is not 0 */
    known.phase = terminating; known.other = number; known.failure = why;
    effects = effects | CANCEL | TERMINATE; subject = known.attempt
}

inline onStart(number) {
    if
    :: known.phase == idle -> known.restarts = 0; begin(number)
    :: known.phase == retrying -> known.restarts = 0; effects = CANCELRETRY; begin(number)
    :: STOPPING(known) && known.other == 0 -> known.restarts = 0; known.other = number
    :: else
    fi
}

#define ENDS_AT_ONCE (known.phase == spawning || known.phase == probing || known.phase == running)

inline onStop() {
    if
    :: known.phase == idle || known.phase == retrying ->
        effects = (known.phase == retrying -> CANCELRETRY : 0);
        if
        :: known.attempt != 0 -> stopLeftovers(known.attempt)
        :: else -> known.phase = idle; known.failure = nothing
        fi
    :: known.phase == clearing -> stopLeftovers(known.other)
    :: ENDS_AT_ONCE || known.phase == leaving -> end(0, nothing)
    :: STOPPING(known) && known.phase != leaving -> known.other = 0; known.failure = nothing
    fi
}

inline onRestart(number) {
    if
    :: ENDS_AT_ONCE || (known.phase == leaving && known.other == 0) -> known.restarts = 0; end(number, nothing)
    :: else -> onStart(number)
    fi
}

inline onRetry(number) {
    if
    :: known.phase == retrying -> known.restarts++; begin(number)
    :: else
    fi
}

inline onSpawned(number) {
    if
    :: known.phase == spawning && known.attempt == number ->
        known.phase = (READINESS -> probing : running); effects = (READINESS || HEALTH -> WATCH : 0); subject = number
    :: else
    fi
}

inline onReady(number) {
    if
    :: known.phase == probing && known.attempt == number ->
        known.phase = running; effects = CANCEL | (HEALTH -> WATCH : 0); subject = number
    :: else
    fi
}

/* timeUp of readiness, and failed */
inline onLate(number) {
    if
    :: (known.phase == probing || known.phase == running) && known.attempt == number -> late[number] = 1; end(0, failed)
    :: else
    fi
}

inline onLeaving(number) {
    if
    :: (known.phase == probing || known.phase == running) && known.attempt == number ->
        known.phase = leaving; effects = CANCEL | GRACE; subject = number
    :: else
    fi
}

inline died(number) { fail(failed, number); leftoversKilled = 0; effects = effects | TERMINATE | CANCEL; subject = number }

#define ENDS_ITSELF (known.phase == running || (known.phase == leaving && known.other == 0))

inline onExited(number, how) {
    if                                  /* Facts.learn */
    :: number == known.last && number == live(known) && known.exit == unset -> known.exit = how
    :: else
    fi;
    if
    :: known.attempt == number && (known.phase == spawning || known.phase == probing || (ENDS_ITSELF && how != good)) ->
        died(number)
    :: known.attempt == number && ENDS_ITSELF && how == good ->
        known.phase = terminating; known.other = 0; known.failure = nothing; leftoversKilled = 0;
        effects = effects | TERMINATE | CANCEL; subject = number
    :: else
    fi
}

inline leave(number) {
    effects = effects | CANCEL | ACKNOWLEDGE; subject = number;
    if
    :: known.other != 0 ->
        known.phase = spawning; known.attempt = known.other; known.other = 0; known.failure = nothing;
        effects = effects | SPAWN; toSpawn = known.attempt
    :: known.other == 0 && known.failure != nothing -> fail(known.failure, 0)
    :: else -> known.phase = idle; known.attempt = 0
    fi
}

inline onEmptied(number) {
    if
    :: (known.phase == idle || known.phase == retrying) && known.attempt == number ->
        /* What outlived SIGKILL is gone after all: one that nobody wants is stopped then. */
        known.failure = (known.failure == unkillable && !known.wanted -> nothing : known.failure);
        known.attempt = 0; effects = effects | CANCEL | ACKNOWLEDGE; subject = number
    :: known.phase == clearing && known.other == number ->
        known.phase = spawning; known.other = 0;
        effects = effects | CANCEL | ACKNOWLEDGE | SPAWN; subject = number; toSpawn = known.attempt
    :: STOPPING(known) && known.attempt == number -> leave(number)
    :: else
    fi
}

inline onNotSpawned(number) {
    if
    :: known.phase == spawning && known.attempt == number -> fail(failed, 0); effects = effects | CANCEL
    :: else -> onEmptied(number)
    fi
}

inline onGraceOver(number) {
    if
    :: (known.phase == terminating || known.phase == leaving) && known.attempt == number ->
#ifdef NO_KILL_AFTER_GRACE
        skip
#else
        /* One that has said it would end did not manage to. */
        if
        :: known.phase == leaving && known.other == 0 -> late[number] = 1; known.failure = failed
        :: else
        fi;
        known.phase = killing; effects = KILL; subject = number
#endif
#ifndef NO_KILL_OF_LEFTOVERS
    :: live(known) == number && (known.phase == idle || known.phase == retrying || known.phase == clearing) ->
        leftoversKilled = 1; effects = KILL; subject = number
#endif
    :: else
    fi
}

inline onKillOver(number) {
    if
    :: live(known) == number && (known.phase == killing || known.phase == clearing || known.phase == idle
            || known.phase == retrying) ->
        effects = (known.phase == retrying -> CANCELRETRY : 0);
        known.phase = idle; known.failure = unkillable; known.attempt = number; known.other = 0;
        givenUp[number] = 1; anyGivenUp = 1
    :: else
    fi
}

/* ---- xpmd carries out ---- */

inline ask(what, number) {
    if
    :: keeperIdentity != 0 && keeperUp && keeperNumber == connection -> assert(nfull(toKeeper)); toKeeper!what,number
    :: else
    fi
}

#define APPLY(decision) before = known.phase; decision; settle()

/* Whether something is decided that is neither on record nor waits to be. */
#define SAME(r) (known.phase == r.phase && known.failure == r.failure && known.attempt == r.attempt && known.other == r.other \
    && known.restarts == r.restarts && known.wanted == r.wanted && known.keeper == r.keeper && known.last == r.last \
    && known.exit == r.exit && known.numbers == r.numbers)
#define CHANGED (effects != 0 || (decided > 0 && !SAME(ledger[decided - 1].row)) || (decided == 0 && !SAME(record)))

/* Nothing new, but what it rests on may not be on record yet. */
#ifdef REPLY_BEFORE_RECORD
#define RESTS false
#else
#define RESTS (reply != 0 && decided > 0)
#endif

/* Facts.settle, and Supervisor.apply behind the machine's decision. */
inline settle() {
    if
    :: STARTS(known) && known.attempt != known.last -> known.last = known.attempt; known.exit = unset
    :: else
    fi;
    if
    :: known.phase == spawning && before != spawning -> known.keeper = keeperIdentity
    :: known.phase == idle && known.failure == nothing -> known.wanted = 0
    :: else
    fi;
    if
    :: known.attempt > known.numbers -> known.numbers = known.attempt
    :: else
    fi;
    if
    :: known.other > known.numbers -> known.numbers = known.other
    :: else
    fi;
    if
    :: CHANGED || RESTS -> append()
    :: else ->
        if :: reply != 0 -> acknowledged = 1 :: else fi;
        reply = 0; before = idle
    fi
}

inline append() {
    assert(decided < DECISIONS);
    ledger[decided].row.phase = known.phase; ledger[decided].row.failure = known.failure;
    ledger[decided].row.attempt = known.attempt; ledger[decided].row.other = known.other;
    ledger[decided].row.restarts = known.restarts; ledger[decided].row.wanted = known.wanted;
    ledger[decided].row.keeper = known.keeper; ledger[decided].row.last = known.last;
    ledger[decided].row.exit = known.exit; ledger[decided].row.numbers = known.numbers;
    ledger[decided].effects = effects; ledger[decided].subject = subject; ledger[decided].next = toSpawn;
    ledger[decided].reply = reply;
    decided++;
    effects = 0; subject = 0; toSpawn = 0; reply = 0; before = idle
}

inline copyRow(to, from) {
    to.phase = from.phase; to.failure = from.failure; to.attempt = from.attempt; to.other = from.other;
    to.restarts = from.restarts; to.wanted = from.wanted; to.keeper = from.keeper; to.last = from.last;
    to.exit = from.exit; to.numbers = from.numbers
}

inline clearDecision(d) {
    d.row.phase = idle; d.row.failure = nothing; d.row.attempt = 0; d.row.other = 0; d.row.restarts = 0;
    d.row.wanted = 0; d.row.keeper = 0; d.row.last = 0; d.row.exit = unset; d.row.numbers = 0;
    d.effects = 0; d.subject = 0; d.next = 0; d.reply = 0
}

/* One transaction with the first `count` decisions. */
inline commit(count) {
    i = 0;
    do
    :: i < count ->
        if                              /* Each decision's event tells the exit that it knows of. */
        :: ledger[i].row.exit != unset ->
            j = ledger[i].row.last; exitOnRecord[j] = 1;
            assert(j != process.attempt || ledger[i].row.exit == process.status
                || (ledger[i].row.exit == unknown && keepersKilled > process.keepersKilled));
            j = 0
        :: else
        fi;
        if :: ledger[i].row.phase == running || ledger[i].row.phase == probing -> seenToRun[ledger[i].row.attempt] = 1 :: else fi;
        i++
    :: else -> break
    od;
    copyRow(record, ledger[count - 1].row);
    durable = count; i = 0;
    /* STOPPED is said only of a service without processes. */
    assert(!(record.phase == idle && record.failure == nothing) || (record.attempt == 0 && !ALIVE))
}

#ifdef ADOPTION_OF_ANY_ATTEMPT
#define ADOPTING(number) (adopting != 0)
#else
#define ADOPTING(number) (adopting == number)
#endif

/* What the keeper finds decides whether there is still something to spawn; and it is asked once. */
#ifdef SPAWN_DURING_ADOPTION
#define SETTLED(number) false
#else
#define SETTLED(number) (ADOPTING(number) || respawns == number || askedOf == number)
#endif

#ifdef KEEPER_IN_MEMORY
#define KEEPER_KNOWN known.keeper
#else
#define KEEPER_KNOWN record.keeper
#endif

/* Effects.spawn */
inline performSpawn(number) {
    if
    :: !(known.phase == spawning && known.attempt == number) ->
        if
        :: askedOf != number -> APPLY(onNotSpawned(number))
        :: else
        fi
    :: else ->
        if
        :: SETTLED(number)
        :: keeperIdentity == 0 && !SETTLED(number) -> known.keeper = 0
#ifndef KEEPER_NOT_ON_RECORD
        /* Else the next xpmd could ask another one for a second process. */
        :: keeperIdentity != 0 && KEEPER_KNOWN != keeperIdentity && !SETTLED(number) ->
            known.keeper = keeperIdentity; effects = SPAWN; toSpawn = number; append()
#endif
        :: else -> ask(spawn, number); askedOf = number
        fi
    fi
}

inline performKill(number) { ask(kill, number); killTimer = number }
inline performTerminate(number) { ask(signal, number); graceTimer = number }

#define WATCHES(number) ((known.phase == probing || known.phase == running) && known.attempt == number)

/* The first decision that is durable. */
inline perform() {
    d_step {
        if :: HAS(ledger[0].effects, CANCEL) -> graceTimer = 0; killTimer = 0; watch = 0 :: else fi;
        if :: HAS(ledger[0].effects, GRACE) -> graceTimer = ledger[0].subject :: else fi;
        if :: HAS(ledger[0].effects, WATCH) && WATCHES(ledger[0].subject) -> watch = ledger[0].subject :: else fi;
        if :: HAS(ledger[0].effects, CANCELRETRY) -> retryTimer = 0 :: else fi;
        if :: HAS(ledger[0].effects, TERMINATE) -> performTerminate(ledger[0].subject) :: else fi;
        if :: HAS(ledger[0].effects, KILL) -> performKill(ledger[0].subject) :: else fi;
        if :: HAS(ledger[0].effects, ACKNOWLEDGE) -> ask(acknowledge, ledger[0].subject) :: else fi;
        if :: HAS(ledger[0].effects, RETRY) && known.phase == retrying -> retryTimer = 1 :: else fi;
        if :: ledger[0].reply != 0 && ledger[0].reply == sequence -> acknowledged = 1 :: else fi;
        n = (HAS(ledger[0].effects, SPAWN) -> ledger[0].next : 0);
        decided--; durable--;
        i = 0;
        do
        :: i < decided ->
            copyRow(ledger[i].row, ledger[i + 1].row);
            ledger[i].effects = ledger[i + 1].effects; ledger[i].subject = ledger[i + 1].subject;
            ledger[i].next = ledger[i + 1].next; ledger[i].reply = ledger[i + 1].reply;
            i++
        :: else -> break
        od;
        clearDecision(ledger[decided]);
        i = 0;
        if :: n != 0 -> performSpawn(n) :: else fi;
        n = 0
    }
}

/* ---- xpmd takes over ---- */

/* ServiceMachine.resumed, carried out at once; a start that is spawning is answered by onSpawned instead. */
inline resume(number) {
    if
    :: (known.phase == idle || known.phase == retrying || known.phase == clearing) ->
        retryTimer = (known.phase == retrying -> 1 : retryTimer);
        if
        :: PAST_GRACE -> performKill(number)
        :: else -> performTerminate(number)
        fi
    :: known.phase == terminating -> performTerminate(number)
    :: known.phase == killing -> performKill(number)
#ifndef NO_GRACE_AFTER_TAKEOVER
    :: known.phase == leaving -> graceTimer = number
#endif
#ifndef NO_WATCH_AFTER_TAKEOVER
    :: (known.phase == probing || (known.phase == running && HEALTH)) -> watch = number
#endif
    :: else
    fi
}

/* What a message leads to, in the order in which it is done. */
#define ADOPTED 1
#define NOT_SPAWNED 2
#define SPAWNED 4
#define EXITED 8
#define ADOPTED_THEN 16
#define EMPTIED 32
#define RESUME 64
#define ASK_AGAIN 128
#define LEAVES 256
#define SPAWNS(number) (known.phase == spawning && known.attempt == number)

/* Nobody's is what no service had before the takeover; what ended by it is acknowledged once that is on record. */
#ifdef TAKEOVER_ACKNOWLEDGES
#define IS_NOBODYS(number) true
#else
#define IS_NOBODYS(number) (number != n)
#endif

/* Supervisor.takeOver, up to what is nobody's */
inline takeOver(number, how) {
    n = live(known); number = n; adopting = 0; respawns = 0;
#ifndef TAKEOVER_BEFORE_RECORD
    /* Its spawn is still to come, once it is on record, and finds the keeper that is there by then. */
    if
    :: n != live(record) -> n = 0; number = 0
    :: else
    fi;
#endif
    if
    :: n == 0
    :: n != 0 && report[n].phase == isRunning -> todo = (SPAWNS(n) -> SPAWNED : RESUME)
#ifdef NOTHING_FOUND_IS_AN_END
#define FOUND_NOBODY(n) false
#else
/* What an xpmd before this one had the keeper search for. */
#define FOUND_NOBODY(n) (report[n].isUnseen && SPAWNS(n))
#endif
    :: n != 0 && report[n].phase != isRunning && FOUND_NOBODY(n) ->
        respawns = n;
        if
        :: report[n].phase == hasExited -> todo = ADOPTED; ask(kill, n)
        :: else -> todo = ASK_AGAIN
        fi
    :: n != 0 && (report[n].phase == hasExited || report[n].phase == isEmpty) && !FOUND_NOBODY(n) ->
        how = report[n].status;
        todo = (SPAWNS(n) -> SPAWNED : 0) | EXITED | (report[n].phase == isEmpty -> EMPTIED : RESUME)
    :: n != 0 && report[n].phase == forgotten && (known.keeper == 0 || known.keeper == keeperIdentity) ->
        how = unknown;
        todo = (SPAWNS(n) -> ASK_AGAIN : NOT_SPAWNED | EXITED | EMPTIED)
    :: else ->
#ifdef RESPAWN_WITHOUT_ASKING
        if
        :: SPAWNS(n) -> askedOf = n; ask(spawn, n)
        :: else -> adopting = n; ask(adopt, n)
        fi
#else
        adopting = n;
        if                              /* Nobody has told the pid of one that is spawning. */
        :: SPAWNS(n) -> ask(search, n)
        :: else -> ask(adopt, n)
        fi
#endif
    fi
}

/* What no record knows is a stray and goes on; of what xpmd and its keepers do none comes, but what is empty and to be forgotten. */
inline leaveStrays() {
    i = 1;
    do
    :: i < ATTEMPTS ->
        if
        :: report[i].phase != forgotten && i != live(known) && IS_NOBODYS(i) ->
            assert(report[i].phase == isEmpty); ask(acknowledge, i)
        :: else
        fi;
        report[i].phase = forgotten; report[i].status = unset; report[i].isUnseen = 0;
        i++
    :: else -> break
    od;
    i = 0; n = 0
}

inline adopted() { adopting = 0; known.keeper = keeperIdentity; append() }

/* Supervisor.handle, and takeOver */
inline handle(what, number, how) {
    if
    :: what == welcome ->
#ifdef CONNECTED_BEFORE_SNAPSHOT
        keeperIdentity = number
#else
        skip
#endif
    :: what == snapshot -> keeperIdentity = connection; takeOver(number, how)
    :: what == spawned && number == live(known) ->
        todo = (ADOPTING(number) -> ADOPTED : 0) | (SPAWNS(number) || !ADOPTING(number) -> SPAWNED : RESUME)
    :: what == exited && number == live(known) && ADOPTING(number) && SPAWNS(number) ->
        /* Nobody knows of a process of it, and none lives: it is asked for once its leftovers are gone. */
        todo = ADOPTED; respawns = number; ask(kill, number)
    :: what == exited && number == live(known) && !(ADOPTING(number) && SPAWNS(number)) ->
        todo = EXITED | (ADOPTING(number) -> ADOPTED_THEN | RESUME : 0)
    :: what == emptied && number == live(known) ->
        if
        :: respawns == number && SPAWNS(number) -> todo = ASK_AGAIN
        :: else -> todo = EMPTIED; respawns = 0
        fi
#if LEAVING
    :: what == leaves && number == live(known) -> todo = LEAVES
#endif
    :: (what == exited || what == emptied) && number != live(known) -> ask(acknowledge, number)
    :: else
    fi;
    if :: HAS(todo, ADOPTED) -> adopted() :: else fi;
    if :: HAS(todo, NOT_SPAWNED) -> APPLY(onNotSpawned(number)) :: else fi;
    if :: HAS(todo, SPAWNED) -> APPLY(onSpawned(number)) :: else fi;
    if
    :: HAS(todo, EXITED) ->
        was = known.phase;
        APPLY(onExited(number, how));
        /* What the keeper before was asked to end it may not have ended. */
        if :: HAS(todo, ADOPTED_THEN) && was != known.phase -> todo = todo & ~RESUME :: else fi;
        was = idle
    :: else
    fi;
#if LEAVING
    if :: HAS(todo, LEAVES) -> APPLY(onLeaving(number)) :: else fi;
#endif
    if :: HAS(todo, ADOPTED_THEN) -> adopted() :: else fi;
    if :: HAS(todo, EMPTIED) -> APPLY(onEmptied(number)) :: else fi;
    if :: HAS(todo, RESUME) -> resume(number) :: else fi;
    if
    :: HAS(todo, ASK_AGAIN) ->
        askedOf = 0;
        if :: respawns == number -> respawns = 0; ask(acknowledge, number) :: else fi;
        performSpawn(number)
    :: else
    fi;
    todo = 0;
    if
    :: what == snapshot ->
        leaveStrays();
        if                              /* resumeWaiting */
        :: !serving && known.phase == retrying && known.attempt == 0 -> retryTimer = 1
        :: else
        fi;
        serving = 1
    :: else
    fi
}

/* A turn of the event loop takes in something only while nothing is being carried out. How many decisions may wait for one
 * commit is limited, to keep the model small. */
#define CALM (xpmdUp && durable == 0)
#ifndef WAITING
#define WAITING 2
#endif
#define FREE (CALM && decided < WAITING)
/* Processes are gone within the time that SIGKILL is given, if a keeper is there to send it and they are not stuck. */
#define LATE (process.fate == hangs || keeperIdentity == 0 || (adopting != 0 && adopting == live(known)))

proctype Xpmd() {
    byte number; mtype what, how;
endOfAll:
    do
    :: d_step { CALM && connection == 0 ->      /* KeeperLink.connect, with a new keeper where none answers */
            if
            :: !keeperUp -> keeperUp = 1; keeperNumber++
            :: else
            fi;
            connection = keeperNumber; hello = 1 }
    :: d_step { FREE && nempty(toXpmd) ->
            toXpmd?what,number,how;
            handle(what, number, how);
            what = 0; number = 0; how = 0 }
    :: d_step { CALM && connection != 0 && empty(toXpmd) && !(keeperUp && keeperNumber == connection) ->
            connection = 0; keeperIdentity = 0 }
    :: d_step { CALM && decided > 0 -> commit(decided) }
    :: d_step { CALM && decided > 1 -> commit(1) }
    :: d_step { xpmdUp && durable > 0 -> perform() }
#ifdef SPAWN_BEFORE_RECORD
    :: d_step { CALM && decided > 0 && HAS(ledger[0].effects, SPAWN) && keeperIdentity != 0 ->
            ask(spawn, ledger[0].next); askedOf = ledger[0].next; ledger[0].effects = ledger[0].effects & ~SPAWN }
#endif
#ifdef ACKNOWLEDGE_BEFORE_RECORD
    :: d_step { CALM && decided > 0 && HAS(ledger[decided - 1].effects, ACKNOWLEDGE) ->
            ask(acknowledge, ledger[decided - 1].subject);
            ledger[decided - 1].effects = ledger[decided - 1].effects & ~ACKNOWLEDGE }
#endif
    :: d_step { FREE && graceTimer != 0 -> n = graceTimer; graceTimer = 0; APPLY(onGraceOver(n)); n = 0 }
    :: d_step { FREE && killTimer != 0 && LATE -> n = killTimer; killTimer = 0; APPLY(onKillOver(n)); n = 0 }
#if READINESS
    :: d_step { FREE && watch != 0 && known.phase == probing && process.fate != mute -> n = watch; APPLY(onReady(n)); n = 0 }
#endif
#if READINESS || HEALTH
    :: d_step { FREE && watch != 0 && (known.phase == probing || (known.phase == running && unhealthy > 0)) ->
            if :: known.phase == running -> unhealthy-- :: else fi;
            n = watch; APPLY(onLate(n)); n = 0 }
#endif
    :: d_step { FREE && retryTimer -> retryTimer = 0; n = known.numbers + 1; APPLY(onRetry(n)); n = 0 }
    :: d_step { !xpmdUp ->                      /* started again, by systemd or the next xpmctl */
            assert(!(acknowledged && asked == stop) || !record.wanted);
            assert(!(acknowledged && asked != stop) || record.wanted || anyFinished);
            xpmdUp = 1; copyRow(known, record) }
    od
}

/* ---- The keeper ---- */

inline say(what, number, how) {
    if
    :: hasClient -> assert(nfull(toXpmd)); toXpmd!what,number,how
    :: else
    fi
}

inline sayKnown(number) {
    say(spawned, number, unset);
    if :: table[number].phase != isRunning -> say(exited, number, table[number].status) :: else fi;
    if :: table[number].phase == isEmpty -> say(emptied, number, unset) :: else fi
}

inline forget(number) {
    if :: table[number].phase != forgotten -> remembered-- :: else fi;
    table[number].phase = forgotten; table[number].status = unset; table[number].isChild = 0; table[number].isUnseen = 0; table[number].hasSaid = 0;
    table[number].isAcknowledged = 0; table[number].isKilled = 0
}

/* It is gone for good, so its end had to be on record. Of what was given up as stuck, only that is. Of a process that neither
 * the record nor this keeper has seen there is nothing to tell. */
inline forgetAcknowledged(number) {
    assert(!everRan[number] || exitOnRecord[number] || givenUp[number]
        || (table[number].status == unknown && !seenToRun[number]));
    forget(number)
}

inline sayExited(number, how) {
    table[number].phase = hasExited; table[number].status = how;
    dying = dying | (1 << number);
    say(exited, number, how)
}

inline makeProcess(number) {
    /* At most one attempt lives, and never one that the record does not know. */
    assert(!ALIVE);
    assert(live(record) == number);
    process.attempt = number; everRan[number] = 1; process.main = alive; process.status = unset; process.signalled = 0;
    process.parent = keeperNumber; process.keepersKilled = keepersKilled;
    table[number].phase = isRunning; table[number].isChild = 1; remembered++;
    say(spawned, number, unset)
}

inline carryOut(what, number) {
    if
    :: what == spawn && table[number].phase == forgotten -> makeProcess(number)
    :: (what == spawn || what == adopt || what == search) && table[number].phase != forgotten -> sayKnown(number)
    :: (what == adopt || what == search) && table[number].phase == forgotten ->
        remembered++;
        if
        :: what == search && process.attempt == number && process.main != alive && process.rest ->
            /* The topmost process of its marker passes for the main one. */
            process.main = alive; process.rest = 0; process.fate = lives; process.status = unset;
            table[number].phase = isRunning; say(spawned, number, unset)
        :: process.attempt == number && process.main == alive ->
            table[number].phase = isRunning; say(spawned, number, unset)
        :: else -> table[number].isUnseen = (what == search); sayExited(number, unknown)
        fi
    :: what == signal ->
        if
        :: process.attempt == number && process.main == alive && table[number].phase == isRunning -> process.signalled = 1
        :: else
        fi
    :: what == kill ->
        if
        :: table[number].phase == isRunning || table[number].phase == hasExited -> table[number].isKilled = 1
        :: else
        fi
    :: what == acknowledge ->
        if
        :: table[number].phase == isEmpty -> forgetAcknowledged(number)
        :: table[number].phase == hasExited -> table[number].isAcknowledged = 1
        :: else
        fi
    fi
}

#define MINE (table[process.attempt].phase == isRunning)
#define IS_DEAD (process.main == gone || (process.main == zombie && process.parent != keeperNumber))

#define IS_EMPTY (dying & ~(ALIVE -> 1 << process.attempt : 0))

proctype Keeper() {
    byte number; mtype what;
endOfAll:
    do
    :: d_step { keeperUp && hello ->            /* KeeperRequests.greet; what an earlier xpmd has sent is dropped */
            hello = 0; hasClient = 1;
            do :: nempty(toKeeper) -> toKeeper?what,number :: empty(toKeeper) -> break od;
            what = 0; number = 0;
            toXpmd!welcome,keeperNumber,unset; toXpmd!snapshot,0,unset;
            i = 1;
            do
            :: i < ATTEMPTS -> report[i].phase = table[i].phase; report[i].status = table[i].status;
                report[i].isUnseen = table[i].isUnseen; i++
            :: else -> break
            od;
            i = 0;
            if :: table[process.attempt].hasSaid -> toXpmd!leaves,process.attempt,unset :: else fi }
    :: atomic { keeperUp && !hello && nempty(toKeeper) && len(toXpmd) < 5 ->
            toKeeper?what,number;
            if                                  /* What will become of a process is decided when it begins. */
            :: what == spawn && table[number].phase == forgotten ->
                if
                :: process.fate = lives
                :: process.fate = ignores
                :: process.fate = finishes
                :: process.fate = fails
#if READINESS
                :: process.fate = mute
#endif
#if LEAVING
                :: process.fate = announces
#endif
                :: stuckLeft > 0 -> process.fate = hangs; stuckLeft--
                fi
            :: else
            fi;
            d_step { carryOut(what, number); what = 0; number = 0 } }
    :: d_step { keeperUp && process.main == zombie && process.parent == keeperNumber && len(toXpmd) < 5 ->
            process.main = gone; sayExited(process.attempt, process.status) }
    :: d_step { keeperUp && process.attempt != 0 && MINE && !table[process.attempt].isChild && IS_DEAD && len(toXpmd) < 5 ->
            sayExited(process.attempt, unknown) }
    :: d_step { keeperUp && IS_EMPTY != 0 && len(toXpmd) < 5 ->
            number = 1;
            do
            :: (IS_EMPTY & (1 << number)) == 0 -> number++
            :: else -> break
            od;
            dying = dying & ~(1 << number);
            table[number].phase = isEmpty; say(emptied, number, unset);
#ifdef KEEPER_FORGETS
            forget(number);
#else
            if :: table[number].isAcknowledged -> forgetAcknowledged(number) :: else fi;
#endif
            number = 0 }
    :: d_step { keeperUp && process.attempt != 0 && table[process.attempt].isKilled && ALIVE && process.fate != hangs ->
            if
            :: process.main == alive ->
                process.main = (process.parent == 0 -> gone : zombie); process.status = ended
            :: else
            fi;
            process.rest = 0 }
    :: d_step { keeperUp && !hasClient && !hello && empty(toKeeper) && !xpmdUp && remembered == 0 -> keeperUp = 0 }
    od
}

/* ---- The world goes on ---- */

#define DIES(how) process.main = (process.parent == 0 -> gone : zombie); process.status = how; \
    if :: process.rest = 1 :: skip fi

proctype World() {
endOfAll:
    do
    :: atomic { process.main == alive && process.fate == finishes -> anyFinished = 1; DIES(good) }
    :: atomic { process.main == alive && process.fate == fails -> DIES(bad) }
    :: atomic { process.main == alive && (process.fate == lives || process.fate == mute || process.fate == announces) && process.signalled ->
            DIES(ended) }
#if LEAVING
    /* The keeper remembers it; what is said while there is none is lost. */
    :: atomic { process.main == alive && process.fate == announces && len(toXpmd) < 5 ->
            if :: process.fate = finishes :: process.fate = ignores fi;
            if
            :: keeperUp && MINE -> table[process.attempt].hasSaid = 1; say(leaves, process.attempt, unset)
            :: else
            fi }
#endif
    :: d_step { process.fate == hangs && givenUp[process.attempt] -> process.fate = ignores }
    od
}

/* ---- Those who ask, and those who kill ---- */

#define REQUEST(kind, want, decision) asked = kind; acknowledged = 0; sequence++; reply = sequence; \
    known.wanted = want; n = known.numbers + 1; APPLY(decision); n = 0

proctype Clients() {
    byte left = REQUESTS;
endOfAll:
    do
    :: d_step { left > 0 && serving && FREE -> left--; REQUEST(start, 1, onStart(n)) }
    :: d_step { left > 0 && serving && FREE -> left--; REQUEST(stop, 0, onStop()) }
    :: d_step { left > 0 && serving && FREE -> left--; REQUEST(restart, 1, onRestart(n)) }
    :: left > 0 -> left = 0
    od
}

inline crashXpmd() {
    d_step {
        xpmdUp = 0; serving = 0; keeperIdentity = 0; connection = 0; askedOf = 0; adopting = 0; respawns = 0; decided = 0; durable = 0;
        graceTimer = 0; killTimer = 0; retryTimer = 0; leftoversKilled = 0; watch = 0; hello = 0; hasClient = 0;
        i = 0;
        do
        :: i < DECISIONS -> clearDecision(ledger[i]); i++
        :: else -> break
        od;
        i = 0;
        /* Whatever it knew is lost. */
        copyRow(known, ledger[0].row);
        loseMessages()
    }
}

inline loseMessages() {
    do :: nempty(toXpmd) -> toXpmd?_,_,_ :: empty(toXpmd) -> break od;
    i = 1;
    do
    :: i < ATTEMPTS -> report[i].phase = forgotten; report[i].status = unset; report[i].isUnseen = 0; i++
    :: else -> break
    od;
    i = 0
}

/* Its children that live become init's, and init reaps those that are dead. */
inline crashKeeper() {
    d_step {
        keeperUp = 0; keepersKilled++; hello = 0; hasClient = 0; dying = 0;
        do :: nempty(toKeeper) -> toKeeper?_,_ :: empty(toKeeper) -> break od;
        i = 1;
        do
        :: i < ATTEMPTS -> forget(i); i++
        :: else -> break
        od;
        i = 0;
        process.parent = 0;
        if :: process.main == zombie -> process.main = gone :: else fi
    }
}

proctype Killer() {
    byte xpmds = XPMD_CRASHES, keepers = KEEPER_CRASHES;
endOfAll:
    do
    :: atomic { xpmds > 0 && xpmdUp -> xpmds--; crashXpmd() }
    :: xpmds > 0 -> xpmds = 0
    /* What it had to say may not have left it yet. */
    :: atomic { keepers > 0 && keeperUp -> keepers--; crashKeeper() }
    :: atomic { keepers > 0 && keeperUp && nempty(toXpmd) -> keepers--; crashKeeper(); d_step { loseMessages() } }
    :: keepers > 0 -> keepers = 0
#if HEALTH
    :: unhealthy > 0 -> unhealthy = 0
#endif
    od
}

/* ---- What has come of it, when nothing more can happen ---- */

proctype Judge() {
    timeout ->
#ifdef SEEN
    /* That something can happen is shown by the failure of the claim that it never does. */
    assert(SEEN != 1 || !(known.phase == running && process.parent == 0));
    assert(SEEN != 2 || !(known.phase == running && known.restarts == 1));
    assert(SEEN != 3 || !(acknowledged && asked == stop && everRan[1] && keepersKilled == 1 && known.failure == nothing));
    assert(SEEN != 4 || !(known.exit == unknown && everRan[1]));
    assert(SEEN != 5 || !(known.failure == unkillable));
    assert(SEEN != 6 || !(known.phase == running && known.attempt == 1 && keeperNumber == 2));
    assert(SEEN != 7 || !late[known.last]);
#endif
    assert(xpmdUp && keeperUp && serving && connection == keeperNumber && decided == 0);
    assert(record.phase == known.phase && record.failure == known.failure);
    /* Every start and every stop has ended. */
    assert(known.phase == running || known.phase == idle);
    if
    :: known.phase == running ->
        assert(process.attempt == known.attempt && process.main == alive && table[known.attempt].phase == isRunning);
        assert(remembered == 1)
    :: else ->
        /* Nothing is left, and nothing is remembered for ever. */
        assert(known.attempt == 0 && !ALIVE && remembered == 0)
    fi;
    if
    :: acknowledged && asked == stop ->
        assert(known.phase == idle && known.failure == nothing)
    :: acknowledged && asked != stop ->
        /* It came to a running process, which still runs or ended by itself, and that is on record. */
        assert(known.phase == running || known.exit != unset || known.failure == unkillable);
        assert(known.phase == running || known.failure == unkillable || late[known.last]
            || (process.attempt == known.last && (process.fate == finishes || process.fate == fails)))
    :: else
    fi
}

init {
    atomic { run Xpmd(); run Keeper(); run World(); run Clients(); run Killer(); run Judge() }
}
