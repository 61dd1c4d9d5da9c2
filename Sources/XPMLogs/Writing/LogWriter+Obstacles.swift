/// What a log goes on in spite of.
extension LogWriter {
    /// What is in the way of a log that goes on nevertheless.
    enum Obstacle {
        /// Its place cannot be looked at.
        case place
        /// It cannot be rotated.
        case rotation
        /// It was moved, and there can be no new one.
        case begin
        /// Its times cannot be written.
        case times
    }

    /// Tells of something in the way, a clause on the log.
    func tellOnce(_ obstacle: Obstacle, _ text: String) {
        if obstacles.insert(obstacle).inserted { faults.append(text) }
    }
}
