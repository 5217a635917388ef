"""The heads of the arrays: counts, and where each table and list begins."""

from __future__ import annotations

# The plant's integers, `p`.
(
    HORIZON,  # ns; -1: until the last lot has left
    WEEK_OFFSET,  # ns
    TRAVEL,  # where the times between places begin, -1: no way takes time
    PLACES,
    UNITS,
    MACHINES,  # units and stations
    OPERATIONS,
    STORAGES,
    SOURCES,
    ORDERS,
    MODES,
    POOLS,
    SHIFTS,
    CONTAINERS,
    CALENDARS,
    WIP,  # entity
    CLOSING,  # cause
    MIXED_PRIORITIES,  # lots differ in priority
    ATTRIBUTES,  # of a lot, carried by it
    ROW_ATTRIBUTES,  # columns of `lots` beside its integers
    STOPS_COLUMN,  # of these, -1: none
    START_UP_COLUMN,
    STATUS_COLUMN,
    PATIENCE,  # ns after which lots that wait with nothing under way are stuck
    UNIT_PLAN,
    OPERATION_PLAN,
    SERVICE_PLAN,
    STORAGE_PLAN,
    SOURCE_PLAN,
    ORDER_PLAN,
    RECIPE_PLAN,
    DEMAND_PLAN,
    NEEDS_PLAN,
    MODE_PLAN,
    POOL_PLAN,
    SHIFT_PLAN,
    CONTAINER_PLAN,
    CALENDAR_PLAN,
    PHASE_PLAN,
    TRANSPORT,  # transporters or locks concern moves
    FLEETS,
    FLEET_PLAN,
    TRANSPORTERS,
    TRAVEL_BY_HAND,  # where the times between places begin, where locks hold moves up
    MOVE_PLACES,  # places that transport knows
    LOCKS,
    LOCKS_TAKE,  # where the times to pass them begin
    LOCKS_FIRST,  # where the first chamber of each stands, and how many there are
    PASSINGS,  # where the locks between places begin, -1: there are none
    MOST_PLACES,  # whole people and units that any work needs at once
    SECTIONS_N,
    FLOWS,  # where the rows of `flow` of operations on the first station of each section are listed
    BUFFERS,  # where the list of entities of the buffers of each section is listed
    AHEAD_PLAN,
    QUALITY,  # there are limits, hold times, inquiries or quarantines
    HOLDS,
    INQUIRIES,
    KEPT,  # where what quality keeps of a lot begins in its row
    QUARANTINE_ENTITY,
    EXCEEDED_COLUMN,  # of `ROW_ATTRIBUTES`, -1: none
    QUALITY_PLAN,
    LIMIT_PLAN,
    HOLD_PLAN,
    INQUIRY_PLAN,
    UPKEEPS,  # units with upkeep
    CARE_PLAN,
    CHORE_PLAN,
    CHORES,
    SOILING,  # where it stands of each operation whether units with upkeep serve it, and whether several do
    FAMILIES,  # where the families of products begin
    NOMINAL_AFTER,  # where the nominal times in ns of all that comes after each operation begin
    STANDING_PLAN,
    CHECKS,  # in-process
    CHECK_OF,  # where it is listed where the check of each operation begins, or none
    CHECK_CAUSE,
    DIVIDING_PLAN,
    MERGES,  # parts of lots merge somewhere
    TOGETHER,  # cause of waiting for more lots, -1: units take one at a time
    IN_PORTIONS,  # lots go on in portions
    PARTS_COME,  # where it stands of each storage whether lots are divided that come into it
    PACKS_COLUMN,  # of the attributes of rows, -1: none
    LOOPS,
    LOOP_PLAN,
    DESKS,  # release rules
    DESK_PLAN,
    PRODUCTS_N,
    HAS_PARTS,  # lots are split
    MATERIALS,
    MATERIAL_PLAN,
    BILLS,  # where it stands where the bill of each operation begins: how many materials, then each, how much
    AHEAD_WIDTH,  # numbers that are computed ahead of a lot, at most
    EARLY,  # where the list of operations begins whose lots are asked about while they wait
    EARLY_N,
) = range(93)
PLANT = 93

# The replication's integers, `s`.
(
    STATUS,  # why the kernel has returned
    NOW,
    FRESH,  # nothing has happened yet
    SETTLING,  # an instant's moves and starts are not done
    CUT_FROM,  # the first row of states that the end of the run has closed
    ROUNDS,  # of this instant
    IN_HAND,  # completions, repairs, moves and releases under way
    WORK_IN_PROCESS,
    ORDERS_OPEN,  # order lines that will release again, and lots that wait to be let in
    LOTS_RELEASED,
    LAST_START,
    LAST_RELEASE,
    LONGEST_TASK,  # ns; of a unit's own, from its start to its end
    UNITS_DOWN,  # modes under repair
    AGENDA,  # where entries begin
    AGENDA_N,
    AGENDA_ROOM,
    DUE,  # where the entries of this round begin
    DUE_N,
    TOUCHED,  # where the list of units to look at begins
    TOUCHED_N,
    FINISHED,  # where the list of units with a lot that was just finished begins
    FINISHED_N,
    PLACES_LIST,  # where the list of storages with a free place begins
    PLACES_N,
    SHORT,  # where the list of units that lack something begins
    SHORT_N,
    OVERTIME,  # where the list of units begins whose people wait for others to take over
    OVERTIME_N,
    TIRED,  # where the list of units begins that left a lot to a preferred unit
    TIRED_N,
    REQUESTS,  # where the list of units that wait for physics begins
    REQUESTS_N,
    IMPATIENT,  # the first of the lots that leave unless they find a place
    IMPATIENT_END,
    REPAIRS_N,  # modes that wait for people
    LOT_WIDTH,
    LOT_ROOM,
    LOT_FREE,  # the first free slot
    LOTS_USED,  # slots ever used
    CLAIM_FREE,  # the first free claim
    DURATIONS,  # where the durations of the stretches begin, by unit
    STRETCHES,  # of them for each unit
    PERSONS,  # where what is taken of people begins, shift by shift
    SCRATCH,  # where room for short lists begins
    STATES,  # where rows of states begin
    STATES_N,
    STATES_ROOM,
    LOTS,  # where rows of lots begin
    LOTS_N,
    LOTS_ROOM,
    LEVELS,  # where rows of levels begin
    LEVELS_N,
    LEVELS_ROOM,
    BOOK,  # where rows of released lots begin
    BOOK_N,
    BOOK_ROOM,
    ATTRIBUTES_AT,  # in reals: where the attributes of lots begin
    ROW_ATTRIBUTES_AT,  # in reals: where those of rows of `lots` begin
    SPEEDS_AT,  # in reals: where the speeds of units begin
    RATES_AT,  # in reals: where the failure rates of modes begin
    ANSWERS_AT,  # in reals: where what physics said of visits begins, by unit
    UNIT_NOW,
    STORAGE_NOW,
    LINE_NOW,
    SOURCE_NOW,
    ORDER_NOW,
    MODE_NOW,
    POOL_NOW,
    SHIFT_NOW,
    CONTAINER_NOW,
    CALENDAR_NOW,
    CLAIM_NOW,
    LOT_NOW,
    TRANSPORTER_NOW,
    TRANSPORTERS_IDLE,  # where it stands of each whether it is
    APPROACHES,  # where room for the ways of transporters to a lot begins
    LOCKS_FREE,  # where it stands of each chamber since when it is free
    SECTIONS,  # how many flow sections there are
    SECTION_NOW,
    SECTION_OF,  # where it stands of each machine which section it is, or belongs to
    STATION_ARRAYS,  # where the arrays of stations begin
    PER_SECOND_AT,  # in reals: where the rates of stations begin, by machine
    GOOD_AT,  # in reals: where the good fractions behind stations begin, by machine
    RATES,  # where it begins which rows of levels change at a rate
    RATES_N,
    LEVEL_RATES_AT,  # in reals: where these rates begin
    BELT_NEXT,  # where it stands which lot is behind each on its belt, by slot
    BELT_DUE,  # where it stands when each comes to the end, by slot
    AHEAD_AT,  # in reals: where what was computed ahead begins
    AHEAD_LOTS,  # lots for which there is room: the last ones, by number
    QUARANTINED,  # lots in quarantine
    INQUIRY_NOW,
    REMARK_NOW,
    CARE_NOW,
    CHORE_NOW,
    STANDING_NOW,
    CLEANED_SINCE,  # where the times begin since which containers stand clean, kind by kind
    CHECK_NOW,
    FAMILY_NOW,
    MATE_NOW,
    BATCHES,  # where it stands of each unit whether it has a batch in hand
    MATES,  # where it stands of each unit which lot is the first beside its own
    DEADLINES,  # where it stands of each operation until when it waits for more lots
    PORTION_NOW,
    PORTIONS_WAITING,  # where the list of units begins whose portions have found no place
    PORTIONS_WAITING_N,
    PACKS,  # where it stands of each unit how many packs its lot fills
    GENEALOGY,  # where rows of genealogy begin
    GENEALOGY_N,
    GENEALOGY_ROOM,
    LOOP_NOW,
    DESK_NOW,
    PRODUCTS_SEEN,  # where it begins which lot of each product waits first at a desk, and how many do
    MATERIAL_NOW,
    STOCK_NOW,
    STOCK_FREE,  # the first free row of lots in stock
    MOVED_BEFORE,  # ns; when a lot last started or was let in, as deliveries were counted
    CAME_BEFORE,  # deliveries by then
    RESULTS,  # where the rows of `result` begin
    RESULTS_N,
    RESULTS_ROOM,
    AHEAD_MARKS,  # where it stands which lots are foreseen
    AHEAD_NEXT,  # the first lot that nobody has tried to foresee
    WAITING,  # where it stands of each operation how many lots wait for it
    REPAIRERS,  # since repairs last looked for people, somebody or something was let go, or another has come
    EARLY_NOW,
    EARLY_AT,  # in reals: where what was computed of lots that wait begins
) = range(128)
REPLICATION = 128

# Those that say where something stands or how much there is: nothing writes them while a replication runs.
FIXED = frozenset(
    (
        AGENDA,
        AGENDA_ROOM,
        DUE,
        TOUCHED,
        FINISHED,
        PLACES_LIST,
        SHORT,
        OVERTIME,
        TIRED,
        REQUESTS,
        LOT_WIDTH,
        LOT_ROOM,
        DURATIONS,
        STRETCHES,
        PERSONS,
        SCRATCH,
        STATES,
        STATES_ROOM,
        LOTS,
        LOTS_ROOM,
        LEVELS,
        LEVELS_ROOM,
        BOOK,
        BOOK_ROOM,
        ATTRIBUTES_AT,
        ROW_ATTRIBUTES_AT,
        SPEEDS_AT,
        RATES_AT,
        ANSWERS_AT,
        UNIT_NOW,
        STORAGE_NOW,
        LINE_NOW,
        SOURCE_NOW,
        ORDER_NOW,
        MODE_NOW,
        POOL_NOW,
        SHIFT_NOW,
        CONTAINER_NOW,
        CALENDAR_NOW,
        CLAIM_NOW,
        LOT_NOW,
        TRANSPORTER_NOW,
        TRANSPORTERS_IDLE,
        APPROACHES,
        LOCKS_FREE,
        SECTIONS,
        SECTION_NOW,
        SECTION_OF,
        STATION_ARRAYS,
        PER_SECOND_AT,
        GOOD_AT,
        RATES,
        LEVEL_RATES_AT,
        BELT_NEXT,
        BELT_DUE,
        AHEAD_AT,
        AHEAD_LOTS,
        INQUIRY_NOW,
        REMARK_NOW,
        CARE_NOW,
        CHORE_NOW,
        STANDING_NOW,
        CLEANED_SINCE,
        CHECK_NOW,
        FAMILY_NOW,
        MATE_NOW,
        BATCHES,
        MATES,
        DEADLINES,
        PORTION_NOW,
        PORTIONS_WAITING,
        PACKS,
        GENEALOGY,
        GENEALOGY_ROOM,
        LOOP_NOW,
        DESK_NOW,
        PRODUCTS_SEEN,
        MATERIAL_NOW,
        STOCK_NOW,
        RESULTS,
        RESULTS_ROOM,
        WAITING,
        AHEAD_MARKS,
        EARLY_NOW,
        EARLY_AT,
    )
)

# Why the kernel returns.
(
    DONE,
    ROWS_FULL,
    PHYSICS,
    STUCK,
    STANDS_STILL,
    TOO_SMALL,  # a store of the replication has no room left
) = range(6)
