@_exported import AppleFoundation

public struct NWPath: Sendable, Equatable {
    public enum Status: Sendable { case satisfied, unsatisfied, requiresConnection }
    public let status: Status
    public let isExpensive: Bool
    public let isConstrained: Bool

    public init(_ status: Status, isExpensive: Bool = false, isConstrained: Bool = false) {
        (self.status, self.isExpensive, self.isConstrained) = (status, isExpensive, isConstrained)
    }
}

public final class NWPathMonitor: Sendable {
    private let state = Locked<(handler: (@Sendable (NWPath) -> Void)?, queue: DispatchQueue?)>((nil, nil))

    public init() {}

    @preconcurrency public var pathUpdateHandler: (@Sendable (_ newPath: NWPath) -> Void)? {
        get { state.now.handler }
        set { state.change { $0.handler = newValue } }
    }

    public func start(queue: DispatchQueue) {
        state.change { $0.queue = queue }
        StandInNetwork.monitors.change { $0.append(self) }
    }

    public func cancel() {
        state.change { $0.handler = nil }
    }

    fileprivate func tell(_ path: NWPath) {
        let (handler, queue) = state.now
        queue?.sync { handler?(path) }
    }
}

/// What the phone is connected to.
public enum StandInNetwork {
    fileprivate static let monitors = Locked<[NWPathMonitor]>([])

    public static func tell(_ path: NWPath) {
        for monitor in monitors.now { monitor.tell(path) }
    }
}
