// The views that the sample shows.

public struct LocalizedStringKey: ExpressibleByStringInterpolation, Sendable {
    public init(stringLiteral value: String) {}
}

public struct Text: Drawn {
    nonisolated public init(_ key: LocalizedStringKey) {}
    @_disfavoredOverload nonisolated public init<S: StringProtocol>(_ content: S) {}
}

public struct Label: Drawn {
    nonisolated public init(_ titleKey: LocalizedStringKey, systemImage name: String) {}
    @_disfavoredOverload nonisolated public init<S: StringProtocol>(_ title: S, systemImage name: String) {}
}

public struct Button: Drawn {
    nonisolated public init(_ titleKey: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
    @_disfavoredOverload nonisolated public init<S: StringProtocol>(_ title: S, action: @escaping @MainActor () -> Void) {}
}

public struct Toggle: Drawn {
    nonisolated public init(_ titleKey: LocalizedStringKey, isOn: Binding<Bool>) {}
}

public struct ShareLink: Drawn {
    nonisolated public init(_ titleKey: LocalizedStringKey, item: URL) {}
}

public struct Spacer: Drawn {
    nonisolated public init() {}
}

public struct NavigationStack<Root: View>: Drawn {
    nonisolated public init(@ViewBuilder root: () -> Root) {}
}

public struct List<Content: View>: Drawn {
    nonisolated public init(@ViewBuilder content: () -> Content) {}
}

public struct Section<Parent, Content, Footer>: Drawn {
    nonisolated public init(@ViewBuilder content: () -> Content) where Parent == EmptyView, Footer == EmptyView {}
    nonisolated public init(_ titleKey: LocalizedStringKey, @ViewBuilder content: () -> Content)
    where Parent == Text, Footer == EmptyView {}
    nonisolated public init(
        @ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent, @ViewBuilder footer: () -> Footer
    ) {}
}

public struct ForEach<Data: RandomAccessCollection, Content: View>: Drawn where Data.Element: Identifiable {
    nonisolated public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) {}
}

public struct DisclosureGroup<Label: View, Content: View>: Drawn {
    nonisolated public init(@ViewBuilder content: @escaping () -> Content, @ViewBuilder label: () -> Label) {}
}

public struct HStack<Content: View>: Drawn {
    nonisolated public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}

public struct VStack<Content: View>: Drawn {
    nonisolated public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}

public enum VerticalAlignment: Sendable { case center, firstTextBaseline }
public enum HorizontalAlignment: Sendable { case center, leading }

public protocol ShapeStyle: Sendable {}

public struct Color: ShapeStyle, Hashable {
    public static let orange = Color()
    public static let accentColor = Color()
}

public struct HierarchicalShapeStyle: ShapeStyle {}

extension ShapeStyle where Self == Color {
    public static var orange: Color { Color() }
}

extension ShapeStyle where Self == HierarchicalShapeStyle {
    public static var secondary: HierarchicalShapeStyle { HierarchicalShapeStyle() }
}

public enum Font: Sendable { case headline, subheadline, footnote, title2 }
public enum AccessibilityChildBehavior: Sendable { case ignore, combine }

extension View {
    nonisolated public func font(_ font: Font?) -> some View { EmptyView() }
    nonisolated public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { EmptyView() }
    nonisolated public func monospacedDigit() -> some View { EmptyView() }
    nonisolated public func navigationTitle(_ titleKey: LocalizedStringKey) -> some View { EmptyView() }
    nonisolated public func frame(minHeight: CGFloat? = nil) -> some View { EmptyView() }
    nonisolated public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { EmptyView() }
    nonisolated public func accessibilityHint(_ hintKey: LocalizedStringKey) -> some View { EmptyView() }
    nonisolated public func accessibilityLabel(_ labelKey: LocalizedStringKey) -> some View { EmptyView() }
    @_disfavoredOverload
    nonisolated public func accessibilityLabel<S: StringProtocol>(_ label: S) -> some View { EmptyView() }
    nonisolated public func task(
        priority: TaskPriority = .userInitiated, @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> some View { EmptyView() }
}
