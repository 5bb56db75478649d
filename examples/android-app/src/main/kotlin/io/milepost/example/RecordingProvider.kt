package io.milepost.example

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import io.milepost.android.MilepostTracker
import java.io.File
import java.io.FileNotFoundException

/** Lends recordings, and nothing else, to the app that the person shares one with. */
class RecordingProvider : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor =
        ParcelFileDescriptor.open(file(uri) ?: throw FileNotFoundException("$uri"), ParcelFileDescriptor.MODE_READ_ONLY)

    override fun query(uri: Uri, columns: Array<String>?, s: String?, args: Array<String>?, order: String?): Cursor {
        val rows = MatrixCursor(arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE))
        file(uri)?.let { rows.addRow(arrayOf<Any>(it.name, it.length())) }
        return rows
    }

    override fun getType(uri: Uri): String = TYPE
    override fun insert(uri: Uri, values: ContentValues?): Uri? = null
    override fun delete(uri: Uri, s: String?, args: Array<String>?): Int = 0
    override fun update(uri: Uri, values: ContentValues?, s: String?, args: Array<String>?): Int = 0

    /** By name among the recordings there are: no path gets in. */
    private fun file(uri: Uri): File? {
        val context = context ?: return null
        return MilepostTracker.get(context).recordings.firstOrNull { it.name == uri.lastPathSegment }
    }

    companion object {
        private const val AUTHORITY = "io.milepost.example.recordings"
        private const val TYPE = "application/octet-stream"

        fun share(file: File): Intent {
            val uri = Uri.Builder().scheme("content").authority(AUTHORITY).appendPath(file.name).build()
            val send = Intent(Intent.ACTION_SEND).setType(TYPE).putExtra(Intent.EXTRA_STREAM, uri)
                .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
            return Intent.createChooser(send, file.name)
        }
    }
}
