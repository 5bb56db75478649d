import Foundation

/// ``Milepost`` for `async` code: a state to look at, a sequence of records, and every call that waits off the caller's
/// thread. Pushing goes to ``milepost`` directly. Any number of clients may share one ``Milepost``.
///
/// ```swift
/// let client = MilepostClient(try Milepost(Configuration(directory: folder)))
/// for try await record in client.records() {
///     handle(try record.decoded())
///     try await client.ack(record.seq)
/// }
/// ```
public final class MilepostClient: Sendable {
    /// Stays open when this client is let go.
    public let milepost: Milepost
    /// Where calls wait: not one of the few threads that all `async` code shares.
    private let queue = DispatchQueue(label: "io.milepost.client", qos: .utility)

    public init(_ milepost: Milepost) {
        self.milepost = milepost
    }

    /// Every record after `seq`, those that are there and those to come; `nil`: every one that was not handled yet.
    public func records(after seq: Int64? = nil) -> Records {
        Records(client: self, afterSeq: seq)
    }

    /// What Milepost is doing and what stands in its way, now and at every change.
    public var states: TrackingStates {
        TrackingStates(client: self)
    }

    /// What Milepost is doing now.
    public func state() async throws -> TrackingState {
        try await call { try TrackingState(of: $0) }
    }

    /// The app has handled every record up to `seq`.
    public func ack(_ seq: Int64) async throws {
        try await call { try $0.ack(seq) }
    }

    /// The newest trips, newest first, each at its last revision; discarded ones are left out.
    public func trips(limit: Int32 = 100) async throws -> [Revision<Trip>] {
        try await call { try $0.trips(limit: limit).map { try $0.revision(of: Trip.self) } }
    }

    /// The newest trips, newest first, with all that is known of each: now, and whenever any of it changes.
    public func tripAccounts(limit: Int32 = 20) -> TripAccounts {
        TripAccounts(client: self, limit: limit)
    }

    /// Everything about one trip; `nil` where there is none of this id.
    public func trip(_ id: String) async throws -> TripAccount? {
        try await call { try TripAccount($0.trip(id)) }
    }

    /// Trips that match, newest first, a page at a time: give `next` as the next filter's `before`.
    public func findTrips(_ filter: TripFilter) async throws -> (trips: [Revision<Trip>], next: Int64?) {
        try await call {
            let page = try $0.findTrips(filter)
            return (try page.trips.map { try $0.revision(of: Trip.self) }, page.next)
        }
    }

    /// The smoothed points of a trip in order of time, those between two moments (both included) where given.
    public func track(_ id: String, fromNs: Int64? = nil, toNs: Int64? = nil) async throws -> [TrackPoint] {
        try await call { try $0.track(id, fromNs: fromNs, toNs: toNs) }
    }

    /// What stands in the way of finding and keeping trips now, each with what the user can do about it.
    public func blockers() async throws -> [Blocker] {
        try await call { try $0.blockers() }
    }

    /// Returns when everything that was pushed before is decided and stored.
    public func flush() async throws {
        try await call { try $0.flush() }
    }

    /// Forgets everything of a driver, `nil`: everything. See ``Milepost/erase(driverID:)``.
    public func erase(driverID: String? = nil) async throws {
        try await call { try $0.erase(driverID: driverID) }
    }

    /// Writes all that is known of a driver, `nil`: of everyone, into a file, one JSON object a line. Returns how many.
    @discardableResult
    public func export(to file: URL, driverID: String? = nil) async throws -> Int64 {
        try await call { try $0.export(to: file, driverID: driverID) }
    }

    /// Gives what a server has refused another chance: it is sent again. Returns how many records.
    @discardableResult
    public func unpark() async throws -> Int64 {
        try await call { try $0.unpark() }
    }

    /// Any other call that waits, off the caller's thread and in turn with the others of this client.
    public func call<Value: Sendable>(_ call: @escaping @Sendable (Milepost) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [milepost] in
                continuation.resume(with: Result { try call(milepost) })
            }
        }
    }
}
