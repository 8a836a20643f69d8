"""What a guest's query may be made of. Whatever is not listed here is refused: what a later ClickHouse brings, too.

Names of functions come from `system.functions`, by their categories; the rest are names as ClickHouse has them.
"""

import re
from typing import Final


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


CATEGORIES: Final = frozenset(
    {
        "Aggregate Functions",
        "Arithmetic",
        "Arrays",
        "Bit",
        "Bitmap",
        "Comparison",
        "Conditional",
        "Dates and Times",
        "Distance",
        "Encoding",
        "Encryption",
        "Financial",
        "Geo",
        "Geo Polygon",
        "Hash",
        "IP Address",
        "JSON",
        "Logical",
        "Map",
        "Mathematical",
        "Null",
        "NumericIndexedVector",
        "QBit",
        "Random Number",
        "Rounding",
        "String",
        "String Replacement",
        "String Search",
        "String Splitting",
        "Time Series",
        "Time Window",
        "Tuple",
        "Type Conversion",
        "URL",
        "UUID",
    }
)
"""Those whose functions only compute. Left out: AI, dictionaries, internals, introspection, machine learning, other."""

NOT_OF_THEM: Final = frozenset({"flameGraph"})
"""It shows addresses of the process."""

OTHERS: Final = names(
    """
    authenticatedUser bar blockNumber blockSerializedSize blockSize byteSize caseWithExpression colorOKLABToSRGB
    colorOKLCHToSRGB colorSRGBToOKLAB colorSRGBToOKLCH connectionId countDigits currentDatabase currentProfiles
    currentQueryID currentRoles currentSchemas currentUser defaultProfiles defaultRoles defaultValueOfArgumentType
    defaultValueOfTypeName digits displayName dumpColumnStructure enabledProfiles enabledRoles errorCodeToName
    finalizeAggregation flipCoordinates formatQuery formatQueryOrNull formatQuerySingleLine
    formatQuerySingleLineOrNull formatReadableDecimalSize formatReadableQuantity formatReadableSize
    formatReadableTimeDelta FQDN getSetting getSettingOrDefault getSizeOfEnumType getSubcolumn globalVariable
    highlightQuery hostName icebergBucket icebergTruncate identity ignore indexHint initialQueryID
    initialQueryStartTime initializeAggregation isConstant isDecimalOverflow lowCardinalityIndices
    lowCardinalityKeys MACNumToString MACStringToNum MACStringToOUI materialize minSampleSizeContinuous
    minSampleSizeConversion normalizeQuery normalizeQueryKeepNames normalizedQueryHash normalizedQueryHashKeepNames
    obfuscateQuery obfuscateQueryWithSeed parseISO8601Duration parseReadableSize parseReadableSizeOrNull
    parseReadableSizeOrZero parseTimeDelta pgGetUserById pgTableIsVisible queryID revision rowNumberInAllBlocks
    rowNumberInBlock runningAccumulate runningDifference runningDifferenceStartingWithFirstValue shardCount shardNum
    structureToCapnProtoSchema structureToProtobufSchema throwIf toColumnTypeName toTypeName tokenizeQuery transform
    uptime variantElement variantType version visibleWidth
    """
)
"""Of the categories left out, the functions that only compute, or say what a client asks first."""

SYNTAX: Final = frozenset({"exists", "lambda", "values"})
"""What the parser calls a function."""

TABLE_FUNCTIONS: Final = names(
    """
    generaterandom generateseries generate_series null numbers numbers_mt primes sqlstandardvalues values view
    """
)

SYSTEM_TABLES: Final = names(
    """
    aggregate_function_combinators build_options clusters codecs collations columns completions constraints
    contributors data_skipping_index_types data_skipping_indices data_type_families database_engines databases
    detached_tables dictionaries dictionary_layouts documentation formats functions graphite_retentions keywords
    licenses macros merge_tree_settings numbers numbers_mt one parts parts_columns primes projection_parts
    projection_parts_columns projections replicas settings settings_profiles statements storage_policies
    table_engines table_functions tables time_zones unicode zeros zeros_mt
    """
)
"""They say what is there and what the engine can do, of the databases that a guest may read alone."""

EXPLAINED: Final = frozenset(
    {"EXPLAIN", "EXPLAIN AST", "EXPLAIN ESTIMATE", "EXPLAIN PIPELINE", "EXPLAIN QUERY TREE", "EXPLAIN SYNTAX"}
)

PLAIN_STATEMENTS: Final = re.compile(
    r"EXISTS (TABLE|VIEW|DATABASE|DICTIONARY)|SHOW CREATE (TABLE|VIEW|DATABASE|DICTIONARY)"
    r"|SHOW (CHANGED SETTINGS|SETTINGS|SETTING|(FULL |EXTENDED |EXTENDED FULL )?(TABLES|COLUMNS)|DATABASES|DICTIONARIES"
    r"|(EXTENDED )?INDEXES|ENGINES|FUNCTIONS)"
)
"""How the statements begin that read beside queries, in ClickHouse's own spelling."""

NODES: Final = names(
    """
    ArrayJoin Asterisk ColumnsApplyTransformer ColumnsExceptTransformer ColumnsListMatcher ColumnsRegexpMatcher
    ColumnsReplaceTransformer ColumnsReplaceTransformerReplacement ColumnsTransformerList ExplainQuery
    ExpressionList Function Identifier InterpolateElement Literal OrderByElement QualifiedAsterisk
    QualifiedColumnsListMatcher QualifiedColumnsRegexpMatcher QueryParameter SampleRatio SelectIntersectExceptQuery
    SelectQuery SelectWithUnionQuery Subquery TableExpression TableIdentifier TableJoin TablesInSelectQuery
    TablesInSelectQueryElement WindowDefinition WindowListElement WithElement
    """
)
"""The kinds of nodes of a syntax tree."""
