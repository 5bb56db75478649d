import Foundation
import MilepostBindings

/// A record as it is stored; `json` is the same line as in `records.jsonl`.
public typealias StoredRecord = MilepostBindings.StoredRecord
/// What the app's HTTP stack shall do now.
public typealias NextUpload = MilepostBindings.NextUpload
/// How an upload went.
public typealias UploadOutcome = MilepostBindings.UploadOutcome
/// What an upload waits for.
public typealias WaitReason = MilepostBindings.WaitReason
/// What the phone is connected to.
public typealias Network = MilepostBindings.Network
/// A header of a request.
public typealias Header = MilepostBindings.Header
/// What keeps trips from being found or kept, and what the user can do about it.
public typealias Blocker = MilepostBindings.Blocker
/// Which trips are looked for.
public typealias TripFilter = MilepostBindings.TripFilter
/// A circle on the map.
public typealias Near = MilepostBindings.Near
/// A page of trips.
public typealias TripPage = MilepostBindings.TripPage
/// A smoothed point of a trip.
public typealias TrackPoint = MilepostBindings.TrackPoint
/// Why a call failed, by what the app can do about it.
public typealias MilepostError = MilepostBindings.MilepostError

/// Finds trips in what a phone senses, says how they were driven and keeps all of it until a server has it.
///
/// Push what is sensed in batches with ``FrameBuffer``, be rung by ``onChange(_:)``, then ``drain(after:max:)`` and
/// ``ack(_:)``. Any thread may call anything at any time. ``flush()``, ``suspend()``, ``close()`` and whatever reads the
/// database may take milliseconds: not on the main thread. Every function may throw a ``MilepostError``; after
/// ``close()`` it is `closed`.
public final class Milepost: Sendable {
    let object: MilepostCore
    /// How often the boundary was crossed; a test holds it low.
    package let calls = Count()
    /// Who is rung besides the app's own listener.
    let bells = Bells()
    private let suspension = Flag()

    /// Records in a page of ``drain(after:max:)``: a few hundred kilobytes of JSON at most.
    public static let page: Int32 = 256

    /// Opens the database in the configuration's folder, restores what an earlier process left, and starts.
    public init(_ configuration: Configuration) throws {
        object = try MilepostCore.open(options: configuration.options)
        try object.setListener(listener: bells)
    }

    private var core: MilepostCore {
        calls.add()
        return object
    }

    /// Takes everything in `frames` and leaves it empty, whatever happens. Does not wait for the decisions.
    public func push(_ frames: inout FrameBuffer) throws {
        if frames.isEmpty { return }
        defer { frames.clear() }
        try core.push(frames: frames.bytes)
    }

    /// Takes packed frames (`docs/ffi.md`). If one cannot be read, none is taken.
    public func push(_ frames: FrameBytes) throws {
        try core.push(frames: frames)
    }

    /// Says what became true at `tNs`, on the axis of the frames. Never dropped.
    public func signal(_ kind: SignalKind, _ value: String, tNs: Int64) throws {
        try core.command(tNs: tNs, kind: kind.wireName, value: value)
    }

    /// Begins a trip now, whatever the sensors say.
    public func startTrip(tNs: Int64) throws {
        try signal(.command, "start_trip", tNs: tNs)
    }

    /// Ends the open trip now.
    public func stopTrip(tNs: Int64) throws {
        try signal(.command, "stop_trip", tNs: tNs)
    }

    /// The impact that was told a moment ago was none: the driver says so, within `impact_cancel_s`.
    public func denyImpact(tNs: Int64) throws {
        try signal(.command, "deny_impact", tNs: tNs)
    }

    /// Only replays: nothing more will come, so the open trip ends and the summary is written.
    public func endInput() throws {
        try core.endInput()
    }

    /// Returns when everything that was pushed before is decided and stored.
    public func flush() throws {
        try core.flush()
    }

    /// The next records after a sequence number, in the order produced. The same ones again until ``ack(_:)``.
    public func drain(after seq: Int64 = 0, max: Int32 = page) throws -> [StoredRecord] {
        try core.drain(afterSeq: seq, max: max)
    }

    /// Calls `body` with every record after a sequence number there is now, read in pages.
    public func forEachRecord(after seq: Int64 = 0, _ body: (StoredRecord) throws -> Void) throws {
        var last = seq
        while true {
            let records = try drain(after: last)
            guard let newest = records.last else { return }
            try records.forEach(body)
            last = newest.seq
        }
    }

    /// The app has handled every record up to `seq`.
    public func ack(_ seq: Int64) throws {
        try core.ack(seq: seq)
    }

    /// The number up to which the app has handled everything, through restarts.
    public func acked() throws -> Int64 {
        try core.acked()
    }

    /// The newest trips, newest first, each at its last revision; discarded ones are left out.
    public func trips(limit: Int32 = page) throws -> [StoredRecord] {
        try core.trips(limit: limit)
    }

    /// Everything about one trip: its revisions, stops, events and score.
    public func trip(_ id: String) throws -> [StoredRecord] {
        try core.trip(id: id)
    }

    /// Trips that match, newest first, a page at a time: give `next` as the next filter's `before`.
    public func findTrips(_ filter: TripFilter) throws -> TripPage {
        try core.findTrips(filter: filter)
    }

    /// The smoothed points of a trip in order of time, those between two moments (both included) where given.
    public func track(_ id: String, fromNs: Int64? = nil, toNs: Int64? = nil) throws -> [TrackPoint] {
        try core.track(id: id, fromNs: fromNs, toNs: toNs)
    }

    /// What to send now; say how it went with ``uploadFinished(_:_:)``. With `flush`, what is neither urgent nor much
    /// goes too: the app is about to go, or the driver asks.
    public func nextUpload(flush: Bool = false) throws -> NextUpload {
        try core.nextUpload(flush: flush)
    }

    /// How an upload went. Returns whether the server wants another token.
    @discardableResult
    public func uploadFinished(_ id: String, _ outcome: UploadOutcome) throws -> Bool {
        try core.uploadFinished(id: id, outcome: outcome)
    }

    /// Gives what a server has refused another chance, after an update of the app or of the server: it is sent again.
    /// Returns how many records.
    @discardableResult
    public func unpark() throws -> Int64 {
        try core.unpark()
    }

    /// The token that goes into every upload; `nil` takes it away.
    public func setToken(_ token: String?) throws {
        try core.setToken(token: token)
    }

    /// What the phone is connected to, and whether it is on a charger: the rules of uploads ask for it.
    public func setNetwork(_ network: Network, charging: Bool) throws {
        try core.setNetwork(network: network, charging: charging)
    }

    /// Forgets everything of a driver, `nil`: everything, in the database, its log, recordings and memory; the open trip
    /// ends. Bodies of uploads that the app keeps in files of its own are the app's to delete.
    public func erase(driverID: String? = nil) throws {
        try core.erase(driverId: driverID)
    }

    /// Writes all that is known of a driver, `nil`: of everyone, into a file, one JSON object a line. Returns how many.
    @discardableResult
    public func export(to file: URL, driverID: String? = nil) throws -> Int64 {
        try core.export(driverId: driverID, file: file.path)
    }

    /// What stands in the way of finding and keeping trips now, each with what the user can do about it.
    public func blockers() throws -> [Blocker] {
        try core.blockers()
    }

    /// What to sense, as JSON; `null` before the first input.
    public func plan() throws -> String {
        try core.plan()
    }

    /// Returns when all that was pushed is done, where it is not held back. For tests, whose time runs faster; no call that
    /// counts.
    package func waitForCore() {
        _ = try? object.plan()
    }

    /// Counters, blockers and what went wrong lately, as JSON.
    public func diagnostics() throws -> String {
        try core.diagnostics()
    }

    /// Who is rung, on Milepost's own thread, when there is something to drain or the plan has changed; `nil`: nobody.
    /// It should hand over to a thread of its own and return. What it throws is logged and forgotten.
    public func onChange(_ listener: (@Sendable () throws -> Void)?) {
        bells.listen(listener)
    }

    /// Writes everything down and lets go of every lock on files, until ``resume()``. iOS kills an app that is
    /// suspended while it holds one. Where not everything could be written, it throws, and the locks are gone all the same.
    public func suspend() throws {
        defer { suspension.isOn = true }
        try core.suspend()
    }

    /// Takes up work after ``suspend()``.
    public func resume() throws {
        try core.resume()
        suspension.isOn = false
        bells.ring()
    }

    /// Between ``suspend()`` and ``resume()``: what is pushed waits, and nothing can be read.
    public var isSuspended: Bool { suspension.isOn }

    /// Writes everything down and stops. A second time does nothing.
    public func close() throws {
        do {
            try core.shutdown()
        } catch MilepostError.Closed {
        }
        bells.finish()
    }
}
