import Foundation
import MilepostKit

/// A trip as a screen wants it, from the records about it.
public struct TripItem: Identifiable, Sendable, Equatable {
    /// Something on the way: what, and how hard.
    public struct Happening: Identifiable, Sendable, Equatable {
        public let id: String
        public let title: String
        public let detail: String
    }

    /// One category of the score, and what is said of it.
    public struct Category: Identifiable, Sendable, Equatable {
        public var id: String { name }
        public let name: String
        public let said: String
    }

    public let id: String
    public let title: String
    public let subtitle: String
    /// 0–100, or `nil` with its reason among the categories.
    public let score: Int?
    public let happenings: [Happening]
    public let categories: [Category]
    public let shape: TrackShape
    /// When it began, by the wall clock.
    public let startedAt: Date?
    /// For people who do not see the screen.
    public var spoken: String {
        "Trip of \(title), \(subtitle)" + (score.map { ", score \($0) of 100" } ?? "")
    }

    public init(_ account: TripAccount) {
        let trip = account.trip
        id = trip.id
        title = String(format: "%.1f km, %d min", trip.distanceM / 1000, Int((trip.durationS / 60).rounded()))
        let at = trip.occurredAt.map { Date(timeIntervalSince1970: Double($0) / 1000) }
        startedAt = at.map { $0 - (trip.tS - trip.startTS) }
        subtitle =
            switch trip.status {
            case .open: "now"
            default: at.map { "ended at " + $0.formatted(date: .omitted, time: .shortened) } ?? "ended"
            }
        score = (account.score?.overall.value).map { Int($0.rounded()) }
        let events = account.events.filter { $0.cancelled == nil }
        happenings = events.map { Happening(id: $0.id, title: Words.event($0.type), detail: Self.detail($0.body)) }
        categories = (account.score?.categories.all ?? []).map { name, rating in
            Category(name: name.prefix(1).uppercased() + name.dropFirst(), said: Self.said(rating))
        }
        shape = TrackShape(Self.points(account, events))
    }

    /// The trips of one day, newest first.
    public static func of(_ day: Date, _ all: [TripItem], calendar: Calendar = .current) -> [TripItem] {
        all.filter { trip in trip.startedAt.map { calendar.isDate($0, inSameDayAs: day) } ?? true }
    }

    /// Where the trip is known to have been: its ends, stops and events, in order.
    private static func points(_ account: TripAccount, _ events: [Revision<Event>]) -> [TrackShape.Point] {
        let trip = account.trip
        var places: [(tS: Double, at: Position?, isEvent: Bool)] = [
            (trip.startTS, trip.start, false), (trip.endTS ?? .infinity, trip.end, false),
        ]
        places += account.stops.map { ($0.startTS, $0.position, false) }
        places += events.map { ($0.startTS, $0.position, true) }
        return places.sorted { $0.tS < $1.tS }.compactMap { place in
            place.at.map { TrackShape.Point($0, isEvent: place.isEvent) }
        }
    }

    private static func detail(_ event: Event) -> String {
        let speed = event.speedInMps.map { "at \(Int(($0 * 3.6).rounded())) km/h" }
        let peak = event.peakMps2.flatMap { peak in
            event.thresholdMps2.map { String(format: "%.1f m/s², from %.1f on it counts", peak, $0) }
        }
        let over = event.overMps.map { "\(Int(($0 * 3.6).rounded())) km/h over the limit" }
        return [speed, over, peak, event.severity?.rawValue].compactMap { $0 }.joined(separator: " · ")
    }

    private static func said(_ rating: Score.Rating) -> String {
        guard let value = rating.value else { return Words.noScore(rating.reason) }
        return String(format: "%.0f of 100, over %.1f km", value, rating.exposureKm)
    }
}
