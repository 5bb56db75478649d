@_exported import AppleFoundation

open class BGTask: NSObject {
    public let identifier: String
    public var expirationHandler: (() -> Void)?
    init(identifier: String) { self.identifier = identifier }

    open func setTaskCompleted(success: Bool) {
        StandInTasks.state.change { $0.completed.append(success) }
    }
}

public class BGAppRefreshTask: BGTask {}

open class BGTaskRequest: NSObject {
    public let identifier: String
    public var earliestBeginDate: Date?
    init(identifier: String) { self.identifier = identifier }
}

open class BGAppRefreshTaskRequest: BGTaskRequest {
    public override init(identifier: String) { super.init(identifier: identifier) }
}

open class BGTaskScheduler: NSObject {
    open class var shared: BGTaskScheduler { StandInTasks.scheduler.value }

    @discardableResult
    open func register(
        forTaskWithIdentifier identifier: String, using queue: DispatchQueue?, launchHandler: @escaping (BGTask) -> Void
    ) -> Bool {
        StandInTasks.state.change {
            $0.handlers[identifier] = launchHandler
            return true
        }
    }

    open func submit(_ taskRequest: BGTaskRequest) throws {
        try StandInTasks.state.change {
            if let error = $0.refusal { throw error }
            $0.requests[taskRequest.identifier] = taskRequest
        }
    }

    open func cancel(taskRequestWithIdentifier identifier: String) {
        StandInTasks.state.change { $0.requests[identifier] = nil }
    }
}

/// When iOS wakes the app, and for what.
public enum StandInTasks {
    public struct State {
        /// Refused in a simulator, and where the person has switched it off.
        public var refusal: (any Error)?
        public var requests: [String: BGTaskRequest] = [:]
        public var completed: [Bool] = []
        var handlers: [String: (BGTask) -> Void] = [:]
        public init() {}
    }

    public static let state = Locked(State())
    static let scheduler = Carried(BGTaskScheduler())

    /// iOS begins a task that was asked for, on a queue of its own. Returns the task, `nil` where none was.
    @discardableResult
    public static func launch(_ identifier: String) -> BGTask? {
        let handler = state.change {
            let isAsked = $0.requests.removeValue(forKey: identifier) != nil
            return isAsked ? $0.handlers[identifier] : nil
        }
        guard let handler else { return nil }
        let task = BGAppRefreshTask(identifier: identifier)
        let launch = Carried { handler(task) }
        DispatchQueue.global().sync { launch.value() }
        return task
    }
}
