#if canImport(SwiftUI) && (os(iOS) || MILEPOST_STANDINS)
    import DriverModel
    import SwiftUI

    /// One line about a trip.
    struct TripLabel: View {
        let trip: TripItem

        var body: some View {
            HStack(alignment: .firstTextBaseline) {
                VStack(alignment: .leading) {
                    Text(trip.title).font(.headline)
                    Text(trip.subtitle).font(.subheadline).foregroundStyle(.secondary)
                }
                Spacer()
                if let score = trip.score { Text("\(score)").font(.title2).monospacedDigit() }
            }
            .accessibilityElement(children: .ignore)
            .accessibilityLabel(trip.spoken)
        }
    }

    /// A trip's way, what happened on it, and what its score is made of.
    struct TripView: View {
        let trip: TripItem

        var body: some View {
            VStack(alignment: .leading, spacing: 8) {
                TrackView(shape: trip.shape)
                ForEach(trip.happenings) { happening in
                    VStack(alignment: .leading) {
                        Text(happening.title).foregroundStyle(.orange)
                        Text(happening.detail).font(.footnote).foregroundStyle(.secondary)
                    }
                    .accessibilityElement(children: .combine)
                }
                if !trip.categories.isEmpty { Text("What the score is made of").font(.headline) }
                ForEach(trip.categories) { category in
                    Text("\(category.name): \(category.said)").font(.footnote).foregroundStyle(.secondary)
                }
            }
        }
    }

    /// Where a trip went: a line through the points that its records name, and a dot for each event.
    struct TrackView: View {
        let shape: TrackShape

        var body: some View {
            Canvas { context, size in
                let spots = shape.fitted(width: size.width, height: size.height, margin: 16)
                var line = Path()
                for (i, spot) in spots.enumerated() {
                    let at = CGPoint(x: spot.x, y: spot.y)
                    if i == 0 { line.move(to: at) } else { line.addLine(to: at) }
                }
                context.stroke(line, with: .color(.accentColor), style: StrokeStyle(lineWidth: 4, lineCap: .round, lineJoin: .round))
                for spot in spots where spot.isEvent || spot.isEnd {
                    let dot = Path(ellipseIn: CGRect(x: spot.x - 7, y: spot.y - 7, width: 14, height: 14))
                    context.fill(dot, with: .color(spot.isEvent ? .orange : .accentColor))
                }
            }
            .frame(minHeight: 140)
            .accessibilityElement()
            .accessibilityLabel("The way of the trip, with \(shape.events) events on it")
        }
    }
#endif
