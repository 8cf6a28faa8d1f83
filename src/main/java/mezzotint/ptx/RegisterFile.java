package mezzotint.ptx;

/** Where a register's 32 lanes are kept: an array of this element type, or a bit mask for predicates. */
enum RegisterFile {
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    PREDICATE
}
