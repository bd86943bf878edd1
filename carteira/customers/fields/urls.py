from django.urls import path

from carteira.customers.fields.screens import card, define, filters, kind

urlpatterns = [
    path("fields/", define.list_fields, name="own_fields"),
    path("fields/filters/", filters.own_filters, name="own_filters"),
    path("fields/new/", define.new_field, name="new_own_field"),
    path("fields/order/", define.put_in_order, name="order_own_fields"),
    path("fields/<uuid:field>/", define.edit_field, name="own_field"),
    path("fields/<uuid:field>/type/", kind.field_kind, name="own_field_kind"),
    path("fields/<uuid:field>/remove/", define.drop_field, name="remove_own_field"),
    path("fields/<uuid:field>/restore/", define.bring_field_back, name="restore_own_field"),
    path("<uuid:id>/own/<uuid:field>/", card.own_value, name="own_value"),
]
