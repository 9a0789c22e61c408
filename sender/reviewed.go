package sender

// Reviewed is the day, as "2006-01-02", on which the catalogue was last gone
// through against the services' own guides. They change; what is older than a year
// is to be looked up again.
const Reviewed = "2026-11-22"
