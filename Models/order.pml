/* order: services of one run that require each other, their record and xpmd, while xpmd is killed at any moment.
 *
 * It goes on where lifecycle.pml ends: the keeper lives, its messages come at once, and a signal ends every process. What is told here
 * is who waits for whom: Ordering.swift, with the phases queued and held of ServiceMachine. README.md says what is left out. Every
 * claim is an assert, nothing can go on for ever, and proctype Judge sees what has come of it.
 */

#ifndef SERVICES
#define SERVICES 2
#endif
#ifndef REQUESTS
#define REQUESTS 2      /* of clients, each about any service */
#endif
#ifndef XPMD_CRASHES
#define XPMD_CRASHES 1
#endif
#ifndef FAILURES
#define FAILURES 1      /* processes that end by themselves or are not ready in time */
#endif
#ifndef RETRIES
#define RETRIES 1       /* limit of the restart policy on-failure */
#endif
#ifdef FAN
#define REQUIRES(s, r) ((s) == SERVICES - 1 && (r) < (s))       /* the last one requires all others */
#else
#ifdef TREE
#define REQUIRES(s, r) ((r) == 0 && (s) > 0)                    /* all others require the first */
#else
#define REQUIRES(s, r) ((s) == (r) + 1)                         /* a chain */
#endif
#endif
#define LAST (SERVICES - 1)

mtype = { idle, retrying, queued, starting, running, held, terminating };       /* Phase */
mtype = { nobody, alive, dead };                                                /* what the keeper has of it */
mtype = { nothing, failed, blocked };                                           /* Failure */

/* starting is spawning and probing: until it is ready. The failure of terminating is what it ends with; turn tells
 * an attempt from the one before. */
/* Of one that is queued, bits tell which of those that it requires have become RUNNING, and which were asked for something, since
 * its wait began. The code has revisions for that, in the records of the others: so they come on record with theirs (commit). */
typedef Record { mtype phase = idle; mtype failure = nothing; bit next; bit wanted; byte turn; byte restarts; byte ran; byte asked; }
Record record[SERVICES];        /* on the disk */
Record known[SERVICES];         /* xpmd's own */

#define IS_IDLE(s) (known[s].phase == idle)
#define HAS_PROCESS(s) (known[s].phase == starting || known[s].phase == running || known[s].phase == held || known[s].phase == terminating)
#define STOPPING(s) (known[s].phase == held || known[s].phase == terminating)

/* ---- The world, and what the keeper knows ---- */

mtype process[SERVICES] = nobody;
byte turn[SERVICES];            /* of which attempt */
bit signalled[SERVICES], well[SERVICES];        /* how it ends */
bit heard[SERVICES];            /* that it is dead, by this xpmd */
byte failuresLeft = FAILURES;

/* ---- Ghosts ---- */

bit excused[SERVICES];          /* it is not RUNNING for a cause that its dependants are not told of: it died, or is restarted */
bit byStop[SERVICES];           /* it is being ended because that was asked for */
bit hasFailed;                  /* something of the run has */
bit wantedToRun[SERVICES];      /* by the last request about it, or about what it requires or is required by */
byte unanswered;
bit lost;                       /* a request was not answered, so that either may come of it */

/* ---- xpmd's memory besides ---- */

#define DECISIONS 12
mtype = { none, unchanged, awaitOthers, awaitDependants, spawn, terminate, acknowledge, acknowledgeAndSpawn, acknowledgeAndAwait,
    acknowledgeAndRetry };      /* Effect */
typedef Decision { byte service; Record row; mtype effect = none; bit reply; bit request; bit ready; }
Decision ledger[DECISIONS];
byte decided;                   /* decisions that wait */
byte committing;                /* those of them that are on their way to the disk */
byte durable;                   /* those that are there, and are yet to be carried out */
bit xpmdUp;
bit retryTimer[SERVICES];
bit awaiting[SERVICES];         /* the wait of this attempt has begun */

byte i, j, k, n;                /* scratch of atomic steps; 0 between them */
bit blocks, waits, reply, request, ready, isCurrent;
byte marked;
mtype effect = none, what = none;

inline copyRow(to, from) {
    to.phase = from.phase; to.failure = from.failure; to.next = from.next; to.wanted = from.wanted; to.turn = from.turn;
    to.restarts = from.restarts; to.ran = from.ran; to.asked = from.asked
}

inline clearRow(it) { it.phase = idle; it.failure = nothing; it.next = 0; it.wanted = 0; it.turn = 0; it.restarts = 0; it.ran = 0; it.asked = 0 }

/* What those that wait for a service go by is of its present attempt. */
#define SPREAD(rows, s, decision) \
    k = s + 1; \
    do \
    :: k < SERVICES -> \
        if \
        :: REQUIRES(k, s) && rows[k].phase == queued -> \
            if \
            :: decision.row.phase == starting || decision.row.phase == queued -> rows[k].ran = rows[k].ran & ~(1 << s) \
            :: else \
            fi; \
            if :: decision.ready -> rows[k].ran = rows[k].ran | (1 << s) :: else fi; \
            if :: decision.request -> rows[k].asked = rows[k].asked | (1 << s) :: else fi \
        :: else \
        fi; \
        k++ \
    :: else -> break \
    od; \
    k = 0

#define HAS_RUN(s, r) ((known[s].ran >> (r)) & 1)
#define WAS_ASKED(s, r) ((known[s].asked >> (r)) & 1)

inline append(s) {
    assert(decided < DECISIONS);
    ledger[decided].service = s; copyRow(ledger[decided].row, known[s]);
    ledger[decided].effect = effect; ledger[decided].reply = reply;
    ledger[decided].request = request && effect != unchanged; ledger[decided].ready = ready;
    SPREAD(known, s, ledger[decided]);
    decided++; effect = none; reply = 0; request = 0; ready = 0
}

/* ---- xpmd decides ---- */

#ifdef FAN
#define AWAITS_OTHERS(s) ((s) == LAST)
#else
#define AWAITS_OTHERS(s) ((s) > 0)
#endif

inline launch(s) {
    awaiting[s] = 0; known[s].ran = 0; known[s].asked = 0; known[s].failure = nothing; known[s].next = 0; known[s].turn = (known[s].turn + 1) % 4;
    known[s].phase = (AWAITS_OTHERS(s) -> queued : starting);
    effect = (AWAITS_OTHERS(s) -> awaitOthers : spawn)
}

inline start(s) {
    known[s].wanted = 1;
    if
    :: known[s].phase == queued || known[s].phase == starting || known[s].phase == running || (STOPPING(s) && known[s].next) ->
        effect = unchanged
    :: known[s].phase == idle || known[s].phase == retrying -> known[s].restarts = 0; retryTimer[s] = 0; launch(s)
    :: STOPPING(s) && !known[s].next -> known[s].restarts = 0; known[s].next = 1
    fi;
    request = 1; append(s)
}

inline lookForDependents(s) {
    blocks = 0; j = s + 1;
    do
    :: j < SERVICES -> blocks = blocks || (REQUIRES(j, s) && HAS_PROCESS(j)); j++
    :: else -> break
    od;
    j = 0;
#ifdef STOP_DOES_NOT_WAIT
    blocks = 0;
#endif
    skip
}

/* The machine's, once those that require it are asked. */
inline stop(s) {
    known[s].wanted = 0;
    if
    :: known[s].phase == starting || known[s].phase == running ->
        byStop[s] = 1;
        lookForDependents(s);
        known[s].phase = (blocks -> held : terminating);
        effect = (blocks -> awaitDependants : terminate);
        blocks = 0
    :: STOPPING(s) -> known[s].next = 0; known[s].failure = nothing
    :: known[s].phase == idle && known[s].failure == nothing -> effect = unchanged
    :: else -> known[s].phase = idle; known[s].failure = nothing; retryTimer[s] = 0
    fi;
    request = 1; append(s)
}

#define WAS_MARKED(s) ((marked >> (s)) & 1)

/* Supervisor.apply of a stop: those that require it first, by their being wanted or having processes before anyone is asked. */
inline stopAll(s) {
    marked = 1 << s; i = s + 1;
    do
    :: i < SERVICES ->
        j = 0;
        do
        :: j < i ->
            if
            :: REQUIRES(i, j) && WAS_MARKED(j) ->
                wantedToRun[i] = 0;
                if :: known[i].wanted || HAS_PROCESS(i) -> marked = marked | (1 << i) :: else fi
            :: else
            fi;
            j++
        :: else -> break
        od;
        j = 0; i++
    :: else -> break
    od;
    i = LAST;
    do
    :: WAS_MARKED(i) -> reply = (i == s); stop(i); if :: i == s -> break :: else -> i-- fi
    :: else -> i--
    od;
    wantedToRun[s] = 0; marked = 0; i = 0
}

#define ENDS_BY_RESTART(s) (known[s].phase == starting || known[s].phase == running)

/* Those that run and require it end before it and start behind it. What does not run is started. */
inline restartAll(s) {
    if
    :: ENDS_BY_RESTART(s) ->
        marked = 1 << s; i = s + 1;
#ifndef RESTART_LEAVES_DEPENDENTS
        do
        :: i < SERVICES ->
            j = 0;
            do
            :: j < i ->
                if :: REQUIRES(i, j) && WAS_MARKED(j) && ENDS_BY_RESTART(i) -> marked = marked | (1 << i) :: else fi;
                j++
            :: else -> break
            od;
            j = 0; i++
        :: else -> break
        od;
#endif
        i = LAST;
        do
        :: WAS_MARKED(i) ->
            reply = (i == s); lookForDependents(i);
            known[i].wanted = 1; known[i].restarts = 0; known[i].next = 1; known[i].failure = nothing; excused[i] = 1; byStop[i] = 1;
            known[i].phase = (blocks -> held : terminating);
            effect = (blocks -> awaitDependants : terminate);
            blocks = 0; request = 1; append(i);
            if :: i == s -> break :: else -> i-- fi
        :: else -> i--
        od;
        marked = 0; i = 0
    :: else -> reply = 1; start(s)
    fi
}

/* Its process is gone, by itself or not: exited and emptied. */
inline ended(s) {
    if
    :: known[s].phase == starting || known[s].phase == running ->
        excused[s] = 1;
        if
        :: known[s].phase == running && well[s] -> known[s].phase = idle; known[s].wanted = 0; effect = acknowledge
        :: !(known[s].phase == running && well[s]) && known[s].restarts < RETRIES ->
            known[s].phase = retrying; known[s].failure = failed; effect = acknowledgeAndRetry
        :: else -> known[s].phase = idle; known[s].failure = failed; effect = acknowledge
        fi
    :: STOPPING(s) ->
        if
        :: known[s].next -> launch(s); effect = (effect == spawn -> acknowledgeAndSpawn : acknowledgeAndAwait)
        :: !known[s].next && known[s].failure != nothing && known[s].restarts < RETRIES ->
            known[s].phase = retrying; effect = acknowledgeAndRetry
        :: else -> known[s].phase = idle; known[s].wanted = known[s].wanted && known[s].failure != nothing; effect = acknowledge
        fi
    :: else
    fi;
    append(s)
}

/* ---- xpmd carries out ---- */

inline performSpawn(s) {
    if
    :: known[s].phase != starting ->    /* Stopped meanwhile: there was no process. */
        if :: process[s] == nobody && STOPPING(s) -> ended(s) :: else fi
    :: known[s].phase == starting && process[s] == nobody ->
        /* What it requires is RUNNING, or was since its wait began, or is not for a cause of its own. */
        j = 0;
        do
        :: j < s -> assert(!REQUIRES(s, j) || known[j].phase == running || HAS_RUN(s, j) || excused[j]); j++
        :: else -> break
        od;
        j = 0; process[s] = alive; turn[s] = known[s].turn; signalled[s] = 0; well[s] = 0; heard[s] = 0
    :: else
    fi
}

inline performTerminate(s) {
    /* Those that require it have ended before. */
    j = s + 1;
    do
    :: j < SERVICES -> assert(!REQUIRES(j, s) || !byStop[s] || process[j] != alive); j++
    :: else -> break
    od;
    j = 0; signalled[s] = 1
}

/* One that is only being ended is started again; what fails is left to its own rules. */
#define IS_STARTED_ALONG(r) (IS_IDLE(r) || (STOPPING(r) && !known[r].next && known[r].failure == nothing))

/* One whose wait is not on record yet has not started the others along either. */
#define HAS_BEGUN(s) awaiting[s]

#ifdef GOES_BY_WHAT_IS_SEEN
#define IS_MET(s, r) (known[r].phase == running)
#else
/* One that has become RUNNING since the wait began and is not started anew. */
#define IS_MET(s, r) (known[r].phase == running || \
    (HAS_RUN(s, r) && (IS_IDLE(r) || known[r].phase == retrying || (STOPPING(r) && !known[r].next))))
#endif

/* Looks whether a queued service still has to wait; what it requires and was not asked for in this wait is started. */
inline checkOthers(s) {
    j = 0; waits = 0; blocks = 0;
    do
    :: j < s ->
        if
        :: REQUIRES(s, j) && !IS_MET(s, j) ->
            if :: IS_STARTED_ALONG(j) && !WAS_ASKED(s, j) -> wantedToRun[j] = 1; start(j) :: else fi;
            /* Nobody is refused for what has run since the wait began, however soon it has ended. */
            assert(!IS_IDLE(j) || !HAS_RUN(s, j));
            waits = 1; blocks = blocks || IS_IDLE(j)
        :: else
        fi;
        j++
    :: else -> break
    od;
    j = 0;
    if
    :: blocks -> known[s].phase = idle; known[s].failure = blocked; append(s)
    :: !blocks && !waits -> known[s].phase = starting; effect = spawn; append(s)
    :: else
    fi;
    waits = 0; blocks = 0
}

inline performAwaitOthers(s) {
    if
    :: known[s].phase == queued ->
        awaiting[s] = 1; checkOthers(s)
    :: else
    fi
}

inline performAwaitDependants(r) {
    if
    :: known[r].phase == held ->
        j = r + 1; blocks = 0;
        do
        :: j < SERVICES -> blocks = blocks || (REQUIRES(j, r) && HAS_PROCESS(j)); j++
        :: else -> break
        od;
        j = 0;
        if :: !blocks -> known[r].phase = terminating; effect = terminate; append(r) :: else fi;
        blocks = 0
    :: else
    fi
}

#define IS(effectOfIt) (what == effectOfIt)

/* The first decision that is durable: its effect, then those that wait for its service look again. */
inline perform() {
    n = ledger[0].service; what = ledger[0].effect;
    if :: ledger[0].reply -> unanswered-- :: else fi;
    isCurrent = ledger[0].row.turn == known[n].turn;
    decided--; durable--; i = 0;
    do
    :: i < decided ->
        ledger[i].service = ledger[i + 1].service; copyRow(ledger[i].row, ledger[i + 1].row);
        ledger[i].effect = ledger[i + 1].effect; ledger[i].reply = ledger[i + 1].reply;
        ledger[i].request = ledger[i + 1].request; ledger[i].ready = ledger[i + 1].ready; i++
    :: else -> break
    od;
    i = 0;
    ledger[decided].service = 0; clearRow(ledger[decided].row); ledger[decided].effect = none; ledger[decided].reply = 0;
    ledger[decided].request = 0; ledger[decided].ready = 0;
    if
    :: IS(acknowledge) || IS(acknowledgeAndSpawn) || IS(acknowledgeAndAwait) || IS(acknowledgeAndRetry) ->
        if :: process[n] == dead -> process[n] = nobody; heard[n] = 0 :: else fi
    :: else
    fi;
    if :: IS(acknowledgeAndRetry) && known[n].phase == retrying -> retryTimer[n] = 1 :: else fi;
    /* About another attempt than the current one nothing is done any more. */
    if :: IS(terminate) && isCurrent -> performTerminate(n) :: else fi;
    if :: (IS(spawn) || IS(acknowledgeAndSpawn)) && isCurrent -> performSpawn(n) :: else fi;
    if :: (IS(awaitOthers) || IS(acknowledgeAndAwait)) && isCurrent -> performAwaitOthers(n) :: else fi;
    if :: IS(awaitDependants) && isCurrent -> performAwaitDependants(n) :: else fi;
    /* Supervisor.noticeChange */
#ifndef NOBODY_LOOKS_AGAIN
    i = (IS(unchanged) -> SERVICES : n + 1);
    do
    :: i < SERVICES ->
        if :: REQUIRES(i, n) && known[i].phase == queued && HAS_BEGUN(i) -> checkOthers(i) :: else fi;
        i++
    :: else -> break
    od;
    i = (IS(unchanged) -> n : 0);
    do
    :: i < n -> if :: REQUIRES(n, i) && !HAS_PROCESS(n) -> performAwaitDependants(i) :: else fi; i++
    :: else -> break
    od;
#endif
    i = 0; n = 0; what = none; isCurrent = 0
}

/* One transaction, with all that had been decided when it began. */
inline commit() {
    i = 0;
    do
    :: i < committing -> n = ledger[i].service; copyRow(record[n], ledger[i].row); SPREAD(record, n, ledger[i]); i++
    :: else -> break
    od;
    durable = committing; committing = 0; i = 0; n = 0
}

/* The keeper's snapshot; then Supervisor.resumeWaiting. */
inline takeOver() {
    i = 0;
    do
    :: i < SERVICES ->
        if                              /* What is nobody's is forgotten. */
        :: process[i] != nobody && (!HAS_PROCESS(i) || turn[i] != known[i].turn) -> assert(process[i] == dead); process[i] = nobody
        :: else
        fi;
        if
        :: HAS_PROCESS(i) && process[i] == alive ->
            if
            :: known[i].phase == terminating -> performTerminate(i)
            :: known[i].phase == held -> performAwaitDependants(i)
            :: else
            fi
        :: HAS_PROCESS(i) && process[i] == dead -> heard[i] = 1; ended(i)
        :: HAS_PROCESS(i) && process[i] == nobody ->
            if :: known[i].phase == starting -> performSpawn(i) :: else -> ended(i) fi
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0;
#ifndef NOBODY_WAITS_AGAIN
    do
    :: i < SERVICES ->
        if
        :: known[i].phase == retrying -> retryTimer[i] = 1
        :: known[i].phase == queued -> performAwaitOthers(i)
        :: else
        fi;
        i++
    :: else -> break
    od;
#endif
    i = 0
}

#define CALM (xpmdUp && durable == 0)
#define FREE (CALM && decided < 3)

#define EVENTS(s) \
    :: d_step { FREE && process[s] == dead && !heard[s] && HAS_PROCESS(s) -> heard[s] = 1; ended(s) } \
    :: d_step { FREE && known[s].phase == starting && process[s] == alive && turn[s] == known[s].turn -> \
            known[s].phase = running; excused[s] = 0; ready = 1; append(s) } \
    :: d_step { FREE && known[s].phase == starting && process[s] == alive && failuresLeft > 0 -> \
            failuresLeft--; hasFailed = 1; excused[s] = 1; byStop[s] = 0; \
            known[s].phase = terminating; known[s].failure = failed; effect = terminate; append(s) } \
    :: d_step { FREE && retryTimer[s] && known[s].phase == retrying -> \
            retryTimer[s] = 0; known[s].restarts++; launch(s); append(s) }

proctype Xpmd() {
endOfAll:
    do
    :: d_step { !xpmdUp ->
            xpmdUp = 1; i = 0;
            do :: i < SERVICES -> copyRow(known[i], record[i]); i++ :: else -> break od;
            i = 0; takeOver() }
    :: d_step { CALM && committing == 0 && decided > 0 -> committing = decided }
    :: d_step { CALM && committing > 0 -> commit() }
    :: d_step { xpmdUp && durable > 0 -> perform() }
    EVENTS(0)
    EVENTS(1)
#if SERVICES > 2
    EVENTS(2)
#endif
    od
}

/* ---- The world, those who ask, and those who kill ---- */

#define LIFE(s) \
    :: d_step { process[s] == alive && signalled[s] -> process[s] = dead } \
    :: d_step { process[s] == alive && failuresLeft > 0 -> process[s] = dead; failuresLeft--; hasFailed = 1 } \
    :: d_step { process[s] == alive && failuresLeft > 0 -> process[s] = dead; failuresLeft--; hasFailed = 1; well[s] = 1 }

proctype World() {
endOfAll:
    do
    LIFE(0)
    LIFE(1)
#if SERVICES > 2
    LIFE(2)
#endif
    od
}

#define REQUEST(s) \
    :: d_step { left > 0 && xpmdUp && FREE -> left--; unanswered++; reply = 1; wantedToRun[s] = 1; start(s) } \
    :: d_step { left > 0 && xpmdUp && FREE -> left--; unanswered++; wantedToRun[s] = 1; restartAll(s) } \
    :: d_step { left > 0 && xpmdUp && FREE -> left--; unanswered++; stopAll(s) }

proctype Clients() {
    byte left = REQUESTS;
endOfAll:
    do
    REQUEST(0)
    REQUEST(1)
#if SERVICES > 2
    REQUEST(2)
#endif
    :: left > 0 -> left = 0
    od
}

proctype Killer() {
    byte left = XPMD_CRASHES;
endOfAll:
    do
    :: d_step { left > 0 && xpmdUp ->
            left--; xpmdUp = 0; lost = lost || unanswered > 0; unanswered = 0; decided = 0; committing = 0; durable = 0;
            i = 0;
            do
            :: i < DECISIONS ->
                ledger[i].service = 0; clearRow(ledger[i].row); ledger[i].effect = none; ledger[i].reply = 0;
                ledger[i].request = 0; ledger[i].ready = 0; i++
            :: else -> break
            od;
            i = 0;
            do
            :: i < SERVICES -> clearRow(known[i]); retryTimer[i] = 0; heard[i] = 0; awaiting[i] = 0; i++
            :: else -> break
            od;
            i = 0 }
    :: left > 0 -> left = 0
    :: failuresLeft > 0 -> failuresLeft = 0
    od
}

/* ---- What has come of it, when nothing more can happen ---- */

proctype Judge() {
    timeout ->
#ifdef SEEN
    assert(SEEN != 1 || !(known[LAST].phase == running && !hasFailed));
    assert(SEEN != 2 || !(known[LAST].failure == blocked));
#endif
    assert(xpmdUp && decided == 0 && unanswered == 0);
    i = 0;
    do
    :: i < SERVICES ->
        /* Nobody waits for ever, and every stop, start and restart has ended. */
        assert(known[i].phase == idle || known[i].phase == running);
        assert(record[i].phase == known[i].phase && record[i].failure == known[i].failure);
        assert(process[i] == (known[i].phase == running -> alive : nobody));
        /* What was stopped, also along with what it requires, is; what was started runs where nothing has failed. */
        assert(lost || wantedToRun[i] || (known[i].phase == idle && known[i].failure == nothing));
        assert(lost || hasFailed || !wantedToRun[i] || known[i].phase == running);
        i++
    :: else -> break
    od
}

init {
    atomic { run Xpmd(); run World(); run Clients(); run Killer(); run Judge() }
}
