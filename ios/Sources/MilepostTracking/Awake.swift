/// Keeps the account of why the app may run now, and so whether the database may be open: iOS ends an app that holds a
/// lock on a file while it is suspended (0xdead10cc).
struct Awake {
    /// What to do about the database.
    enum Move: Equatable { case resume, suspend }

    /// The app is on the screen.
    var isForeground: Bool
    /// Positions are being sensed in a way that lets it run on.
    var isContinuous = false
    /// Activities that iOS has given time for.
    private(set) var activities = 0
    private(set) var isSuspended = false

    init(isForeground: Bool) {
        self.isForeground = isForeground
    }

    /// The process runs on by itself: what comes needs no activity.
    var isHeld: Bool { isForeground || isContinuous }

    mutating func begin() { activities += 1 }
    mutating func end() { activities = max(0, activities - 1) }

    /// Time is up for all of them.
    mutating func expire() { activities = 0 }

    /// What the account says now; said once.
    mutating func move() -> Move? {
        let mayRun = isHeld || activities > 0
        if mayRun == !isSuspended { return nil }
        isSuspended = !mayRun
        return mayRun ? .resume : .suspend
    }
}
