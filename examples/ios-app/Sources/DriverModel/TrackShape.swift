import Foundation
import MilepostKit

/// The line of a trip, fitted into any rectangle; nothing of a screen in it.
public struct TrackShape: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public let position: Position
        /// Something happened here.
        public let isEvent: Bool

        public init(_ position: Position, isEvent: Bool) {
            self.position = position
            self.isEvent = isEvent
        }
    }

    /// A place on the screen: y runs down.
    public struct Spot: Sendable, Equatable {
        public let x: Double
        public let y: Double
        public let isEvent: Bool
        /// The first or the last.
        public let isEnd: Bool
    }

    public let points: [Point]

    public init(_ points: [Point]) {
        self.points = points
    }

    public var events: Int { points.filter(\.isEvent).count }

    /// As large as fits, in the middle, north up, with the same scale in both directions.
    public func fitted(width: Double, height: Double, margin: Double) -> [Spot] {
        guard let first = points.first else { return [] }
        // A degree of longitude is shorter the further from the equator.
        let narrow = cos(first.position.latDeg * .pi / 180)
        let xs = points.map { Self.unwrapped($0.position.lonDeg, near: first.position.lonDeg) * narrow }
        let ys = points.map { -$0.position.latDeg }
        guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max() else { return [] }
        let scale = max(
            (right - left) / max(1, width - 2 * margin), (bottom - top) / max(1, height - 2 * margin), Self.leastScale)
        return points.indices.map { i in
            Spot(
                x: width / 2 + (xs[i] - (left + right) / 2) / scale,
                y: height / 2 + (ys[i] - (top + bottom) / 2) / scale,
                isEvent: points[i].isEvent, isEnd: i == points.startIndex || i == points.index(before: points.endIndex))
        }
    }

    /// A trip of one point is a dot in the middle.
    private static let leastScale = 1e-9

    /// A trip over the date line is no trip around the world.
    private static func unwrapped(_ lonDeg: Double, near: Double) -> Double {
        lonDeg - near > 180 ? lonDeg - 360 : lonDeg - near < -180 ? lonDeg + 360 : lonDeg
    }
}
