package io.milepost.internal

/**
 * Reads the JSON that the library writes, for the few answers that the façade itself has to look into. Leaves records
 * to the host, which has a JSON library of its own. Objects are maps, numbers are `Double` or `Long`.
 */
internal class Json private constructor(private val text: String) {
    private var at = 0

    private fun value(): Any? = when (val c = peek()) {
        '{' -> members()
        '[' -> elements()
        '"' -> string()
        't' -> word("true", true)
        'f' -> word("false", false)
        'n' -> word("null", null)
        else -> if (c == '-' || c in '0'..'9') number() else bad()
    }

    private fun members(): Map<String, Any?> = buildMap {
        at++
        if (ends('}')) return@buildMap
        do {
            if (peek() != '"') bad()
            val name = string()
            if (peek() != ':') bad()
            at++
            put(name, value())
        } while (goesOn('}'))
    }

    private fun elements(): List<Any?> = buildList {
        at++
        if (ends(']')) return@buildList
        do add(value()) while (goesOn(']'))
    }

    private fun ends(end: Char): Boolean = (peek() == end).also { if (it) at++ }

    private fun goesOn(end: Char): Boolean = when (peek()) {
        ',' -> true
        end -> false
        else -> bad()
    }.also { at++ }

    private fun string(): String = buildString {
        at++
        while (true) {
            when (val c = next()) {
                '"' -> return@buildString
                '\\' -> append(escaped())
                else -> append(c)
            }
        }
    }

    private fun escaped(): Char = when (val c = next()) {
        'n' -> '\n'
        't' -> '\t'
        'r' -> '\r'
        'b' -> '\b'
        'f' -> '\u000c'
        'u' -> if (at + UNICODE_DIGITS > text.length) bad() else {
            at += UNICODE_DIGITS
            text.substring(at - UNICODE_DIGITS, at).toIntOrNull(HEX)?.toChar() ?: bad()
        }
        else -> c
    }

    private fun number(): Number {
        val start = at
        while (at < text.length && text[at] in NUMBER) at++
        val word = text.substring(start, at)
        return word.toLongOrNull() ?: word.toDoubleOrNull() ?: bad()
    }

    private fun <T> word(word: String, value: T): T {
        if (!text.startsWith(word, at)) bad()
        at += word.length
        return value
    }

    private fun peek(): Char {
        while (at < text.length && text[at].isWhitespace()) at++
        return if (at < text.length) text[at] else bad()
    }

    private fun next(): Char = if (at < text.length) text[at++] else bad()

    private fun bad(): Nothing = throw IllegalArgumentException("no JSON at character $at")

    companion object {
        private const val NUMBER = "+-.eE0123456789"
        private const val UNICODE_DIGITS = 4
        private const val HEX = 16

        /** The value in [text], or `null` for anything that is no JSON. */
        fun parse(text: String): Any? = try {
            Json(text).value()
        } catch (_: IllegalArgumentException) {
            null
        }

        /** The object in [text], an empty one for anything else. */
        fun obj(text: String): Map<*, *> = parse(text) as? Map<*, *> ?: emptyMap<Any, Any>()
    }
}

internal fun Map<*, *>.obj(key: String): Map<*, *>? = this[key] as? Map<*, *>

internal fun Map<*, *>.long(key: String): Long? = (this[key] as? Number)?.toLong()

internal fun Map<*, *>.double(key: String): Double? = (this[key] as? Number)?.toDouble()

internal fun Map<*, *>.text(key: String): String? = this[key] as? String
