#!/bin/bash
# ffi-surface.sh GENERATED_KOTLIN: prints what a host can see of the library, a line each: objects, functions with what
# they take, give and throw, records, enums and errors with their fields. Comments and glue are left out.
set -euo pipefail
awk '
  function squeeze(s) { gsub(/`|kotlin\.|io\.milepost\.core\./, "", s); gsub(/[ \t]+/, " ", s); sub(/^ /, "", s); sub(/ $/, "", s); return s }
  /^[ \t]*\/\*\*/ { comment = 1 }
  comment { if (/\*\//) comment = 0; next }
  # Top level: what carries the surface, and what ends it.
  /^(public interface|open class|data class|sealed class|enum class) / {
    keep = $0 !~ /Uniffi|FfiConverter|RustBuffer|Structure|Interface( |$)|Interface \{|Impl:|Exception\(message/
    if ($0 ~ /^open class .*Disposable/ && $0 !~ /Impl:/) keep = 1
    if (keep) { print ""; sub(/[:({].*/, ""); print squeeze($0) }
    next
  }
  /^(internal|private|object|public object|public abstract|public fun|interface) / { keep = 0 }
  !keep { next }
  /^    (@Throws.*)?(override )?fun / || /^ *@Throws/ {
    if (/uniffi|fun `?(destroy|close)`?\(/) next
    s = $0; throws = ""
    if (match(s, /@Throws\([A-Za-z]+::class\)/)) { throws = substr(s, RSTART + 8, RLENGTH - 16); sub(/@Throws\([^)]*\)/, "", s) }
    sub(/override /, "", s); sub(/ *\{.*/, "", s)
    s = squeeze(s)
    if (s != "") print "  " s (throws == "" ? "" : " throws " throws)
    next
  }
  /^    (data class|class|object) / { s = $0; sub(/\(.*|:.*/, "", s); print "  " squeeze(s); next }
  /^ *(val|var) `[a-zA-Z]+`: / { s = $0; sub(/\) *: .*/, "", s); sub(/\)?,? *$/, "", s); print "    " squeeze(s) }
' "$1"
