/// How an experiment runs, with experimaestro's names. Only a `NORMAL` run registers services.
public enum RunMode: String, WordChoice, Sendable {
    case normal = "NORMAL"
    case generateOnly = "GENERATE_ONLY"
    case dryRun = "DRY_RUN"
    case prepare = "PREPARE"
}
