import ibis as ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

__all__ = ["dt", "ibis", "ir"]
