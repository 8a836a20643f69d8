"""Which of ClickHouse's settings a guest may choose, in the address or in a query: more of anything cannot be had."""

import re
from collections.abc import Mapping
from typing import Any, Final

from dompet.streams.engine.allowed import names
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import ACCESS_DENIED, BAD_ARGUMENTS, Refusal

_OUTPUT: Final = re.compile(r"output_format_(?!.*(?:schema|path|url|file|template)).*")
"""How an answer is written; left out is what would read or write a file, or ask another server."""

_CHOSEN: Final = names(
    """
    aggregate_functions_null_for_empty allow_dynamic_type_in_join_keys allow_suspicious_types_in_order_by
    any_join_distinct_right_table_keys bool_false_representation bool_true_representation
    cast_ipv4_ipv6_default_on_conversion_error cast_keep_nullable cast_string_to_date_time_mode
    cast_string_to_dynamic_use_inference cast_string_to_variant_use_inference convert_query_to_cnf
    count_distinct_implementation data_type_default_nullable date_time_input_format date_time_output_format
    describe_compact_output describe_extend_object_types describe_include_subcolumns
    enable_extended_results_for_datetime_functions enable_named_columns_in_function_tuple exact_rows_before_limit
    except_default_mode extremes final format_binary_max_array_size format_binary_max_string_size
    format_csv_allow_double_quotes format_csv_allow_single_quotes format_csv_delimiter
    format_csv_null_representation format_custom_escaping_rule format_custom_field_delimiter
    format_custom_result_after_delimiter format_custom_result_before_delimiter format_custom_row_after_delimiter
    format_custom_row_before_delimiter format_custom_row_between_delimiter
    format_json_object_each_row_column_for_object_name format_tsv_null_representation
    function_json_value_return_type_allow_complex function_json_value_return_type_allow_nullable
    geo_distance_returns_float64_on_float64_arguments group_by_use_nulls intersect_default_mode join_algorithm
    join_default_strictness join_use_nulls json_type_escape_dots_in_keys legacy_column_name_of_tuple_literal limit
    max_block_size offset partial_merge_join_optimizations prefer_column_name_to_alias preferred_block_size_bytes
    regexp_max_matches_per_row session_timezone short_circuit_function_evaluation
    show_table_uuid_in_table_create_query_if_not_nil splitby_max_substrings_includes_remaining_string
    totals_auto_threshold totals_mode transform_null_in union_default_mode use_client_time_zone use_legacy_to_time
    use_variant_as_common_type validate_polygons
    """
)
"""Those that change what a query means, or how its answer is written, and nothing else."""

_OVERFLOW: Final = "result_overflow_mode"
TABLE_FILTERS: Final = "additional_table_filters"
"""Conditions by table, which are looked at like a query: Grafana's ad hoc filters. In a query alone."""

_IGNORED: Final = re.compile(
    r"allow_experimental_.*|allow_suspicious_.*|async_insert.*|http_.*|input_format_(?!.*(?:schema|path|url|file|template)).*|insert_.*|log_.*"
    r"|max_insert_.*|receive_timeout|send_timeout|connect_timeout.*|send_progress_in_http_headers"
    r"|wait_for_async_insert.*|cancel_http_readonly_queries_on_client_close|add_http_cors_header|max_threads"
    r"|max_download_threads|use_query_cache|enable_http_compression|enable_job_stack_trace|priority|load_balancing"
    r"|use_uncompressed_cache|query_plan_.*|optimize_.*|max_query_size|min_bytes_to_use_.*"
    r"|max_read_buffer_size.*|client_protocol_version|network_compression_method|network_zstd_compression_level"
    r"|result_overflow_mode|timeout_overflow_mode|os_thread_priority|mutations_sync|alter_sync|enable_json_type"
    r"|select_sequential_consistency"
)
"""Those that clients send in any case: without them the answer is the same."""


def limited(limits: Limits) -> Mapping[str, int]:
    """By setting that a guest may lower, the most that it may be."""
    most = limits.settings()
    names = ("max_execution_time", "max_memory_usage", "max_result_rows")
    found = {name: int(most[name]) for name in names}
    return {**found, "max_result_bytes": limits.sent_bytes, "max_rows_to_read": 1 << 63, "max_bytes_to_read": 1 << 63}


def chosen_together(asked: Mapping[str, str], most: Mapping[str, int]) -> dict[str, str]:
    """The values to use of settings that come together, in the address; Refusal as below.

    Who wants fewer rows than guests may have can have the rest left out (`break`), as a grid does that shows a page.
    """
    values = {name: chosen(name, value, most) for name, value in asked.items()}
    found = {name: value for name, value in values.items() if value is not None}
    fewer = int(found.get("max_result_rows", most["max_result_rows"])) < most["max_result_rows"]
    if fewer and asked.get(_OVERFLOW) == "break":
        found[_OVERFLOW] = "break"
    return found


def chosen(name: str, value: Any, most: Mapping[str, int]) -> str | None:
    """The value to use of a setting; None where it is left out. Refusal where a guest may not set it."""
    if name in most:
        asked = _number(name, value)
        return str(min(asked, most[name]) if asked else most[name])
    if name in _CHOSEN or _OUTPUT.fullmatch(name):
        return str(value)
    if _IGNORED.fullmatch(name) or (name == "readonly" and str(value) in ("1", "2")):
        return None
    raise Refusal(ACCESS_DENIED, f"setting {name} is not for guests")


def _number(name: str, value: Any) -> int:
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        raise Refusal(BAD_ARGUMENTS, f"setting {name} is {value!r}: it must be a number") from None
