"""The tables of a store."""

FILE_NAME = "runs.sqlite"
APPLICATION = 0x736F6674  # "soft": tells a store from some other program's database
VERSION = 1

# What stores of this version may lack, because they were made before there was such a column: by name its type.
LATER_COLUMNS = {"examined": "TEXT"}

STATEMENTS = (
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, not even after a run is deleted
        name TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        forked_from TEXT NOT NULL,
        created TEXT NOT NULL,
        config TEXT NOT NULL,
        device TEXT NOT NULL,
        dataset TEXT NOT NULL,
        minibatches_per_epoch INTEGER NOT NULL,
        cell_width INTEGER NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        process_start TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'running',
        epochs_done INTEGER, -- this and the next: where the latest checkpoint stands, NULL before the first
        minibatch INTEGER,
        diverged TEXT, -- the event as JSON, and so is the next
        examined TEXT,
        seconds REAL, -- this and the next two: of the last event, NULL before it
        images_per_second REAL,
        reason TEXT
    )
    """,
    # SQLite keeps nan as NULL.
    """
    CREATE TABLE epochs (
        run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
        epoch INTEGER NOT NULL,
        train_loss REAL,
        train_accuracy REAL,
        validation_loss REAL,
        validation_accuracy REAL,
        seconds REAL,
        learning_rate REAL,
        PRIMARY KEY (run, epoch)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE losses (
        run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
        cell INTEGER NOT NULL,
        count INTEGER NOT NULL,
        non_finite INTEGER NOT NULL,
        total REAL,
        low REAL,
        high REAL,
        last REAL,
        PRIMARY KEY (run, cell)
    ) WITHOUT ROWID
    """,
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
