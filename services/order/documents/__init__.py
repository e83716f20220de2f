"""Invoices and credit notes as documents: PDF for people, UBL for machines."""
