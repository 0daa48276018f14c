"""Tables as they really come: read, laid out, understood and checked, without a database.

``workbook`` opens a file of any kind, ``layout`` finds the tables in its sheets, ``columns`` says what each column
holds, ``values`` reads one cell, ``kinds`` checks rows against one another. Nothing here repairs by guessing: what
is read with a doubt carries an `Issue` that says so.
"""
