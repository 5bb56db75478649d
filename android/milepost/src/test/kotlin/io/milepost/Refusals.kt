package io.milepost

import io.milepost.core.MilepostException
import org.junit.jupiter.api.Assertions.assertThrows

/** The reason for which the library refuses a call as invalid input. */
fun refusal(call: () -> Unit): String = assertThrows(MilepostException.InvalidInput::class.java, call).reason
