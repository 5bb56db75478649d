import Foundation

/// A record of any kind, decoded from the core's own JSON with ``StoredRecord/decoded()``; `docs/records.md` says what
/// every field means.
public enum Record: Sendable, Equatable {
    /// A trip: going on, over, or none after all.
    case trip(Revision<Trip>)
    /// The vehicle stood for a while inside a trip.
    case stop(Revision<Stop>)
    /// Something happened on the way.
    case event(Revision<Event>)
    /// What the sensors gave around an impact.
    case window(Revision<Window>)
    /// How a trip was driven, in numbers.
    case score(Revision<Score>)
    /// A time without fixes inside a trip.
    case gap(Revision<Gap>)
    /// What stands in the way changed, or a heartbeat.
    case health(Revision<Health>)
    /// The last line of a replay.
    case summary(Revision<Summary>)
    /// A kind that this version does not know.
    case other(StoredRecord)
}

extension StoredRecord {
    /// The record as a value. A kind that is not known is no error, but ``Record/other(_:)``.
    public func decoded() throws(UnreadableRecord) -> Record {
        switch schema {
        case Trip.schema: .trip(try revision(of: Trip.self))
        case Stop.schema: .stop(try revision(of: Stop.self))
        case Event.schema: .event(try revision(of: Event.self))
        case Window.schema: .window(try revision(of: Window.self))
        case Score.schema: .score(try revision(of: Score.self))
        case Gap.schema: .gap(try revision(of: Gap.self))
        case Health.schema: .health(try revision(of: Health.self))
        case Summary.schema: .summary(try revision(of: Summary.self))
        default: .other(self)
        }
    }

    /// The record as one of a kind that the caller knows it is.
    public func revision<Body: RecordBody>(of _: Body.Type = Body.self) throws(UnreadableRecord) -> Revision<Body> {
        do {
            return try JSONDecoder().decode(Revision<Body>.self, from: Data(json.utf8))
        } catch {
            throw UnreadableRecord(schema: schema, reason: String(describing: error))
        }
    }
}

/// A record that is not what its schema says: a mistake in Milepost, for a log.
public struct UnreadableRecord: Error, Sendable, Equatable, CustomStringConvertible {
    /// What it claims to be.
    public let schema: String
    /// What is wrong with it.
    public let reason: String

    public var description: String { "\(schema): \(reason)" }
}

/// Everything about one trip, each at its last revision.
public struct TripAccount: Sendable, Equatable, Identifiable {
    /// The trip itself.
    public let trip: Revision<Trip>
    /// In the order of time.
    public let stops: [Revision<Stop>]
    /// In the order of time, those that were cancelled included.
    public let events: [Revision<Event>]
    /// `nil` while the trip is open.
    public let score: Revision<Score>?

    public var id: String { trip.id }

    /// From all that ``Milepost/trip(_:)`` gives; `nil` where there is no trip in it.
    public init?(_ records: [StoredRecord]) throws(UnreadableRecord) {
        var newest: [String: StoredRecord] = [:]
        for record in records where record.rev > newest[record.id]?.rev ?? 0 { newest[record.id] = record }
        var trip: Revision<Trip>?
        var stops: [Revision<Stop>] = []
        var events: [Revision<Event>] = []
        var score: Revision<Score>?
        for record in newest.values {
            switch try record.decoded() {
            case .trip(let found): trip = found
            case .stop(let found): stops.append(found)
            case .event(let found): events.append(found)
            case .score(let found): score = found
            case .window, .gap, .health, .summary, .other: break
            }
        }
        guard let trip else { return nil }
        self.trip = trip
        self.stops = stops.sorted { ($0.startTS, $0.id) < ($1.startTS, $1.id) }
        self.events = events.sorted { ($0.startTS, $0.id) < ($1.startTS, $1.id) }
        self.score = score
    }
}
