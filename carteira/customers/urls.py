from django.urls import include, path

from carteira.customers.screens import (
    archive,
    bulk,
    card,
    card_info,
    card_notes,
    card_parts,
    card_photo,
    delete,
    find,
    list_layout,
    new,
    person,
    twins,
)
from carteira.customers.screens import list as list_screen

own = [
    path("", list_screen.list_customers, name="list"),
    path("find/", find.find_customers, name="find"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/<uuid:id>/", bulk.show_act, name="bulk_act"),
    path("bulk/<uuid:id>/undo/", bulk.undo_act, name="bulk_undo"),
    path("bulk/<uuid:id>/report/", bulk.report, name="bulk_report"),
    path("columns/", list_layout.list_layout, name="layout"),
    path("cities/", list_layout.cities, name="cities"),
    path("new/", new.new_customer, name="new"),
    path("twins/", twins.show_twins, name="twins"),
    path("<uuid:id>/", card.show_customer, name="card"),
    path("<uuid:id>/tab/<slug:tab>/", card.show_tab, name="card_tab"),
    path("<uuid:id>/info/<slug:column>/", card_info.customer_field, name="field"),
    path("<uuid:id>/parts/<slug:part>/", card_parts.add_part, name="add_part"),
    path("<uuid:id>/parts/<slug:part>/<uuid:row>/remove/", card_parts.remove_part, name="remove_part"),
    path("<uuid:id>/parts/<slug:part>/<uuid:row>/<slug:column>/", card_info.part_field, name="part_field"),
    path("<uuid:id>/bring-back/<uuid:event>/", card_parts.bring_part_back, name="bring_back"),
    path("<uuid:id>/notes/", card_notes.older_notes, name="older_notes"),
    path("<uuid:id>/notes/<uuid:row>/pin/", card_notes.pin_note, name="pin_note"),
    path("<uuid:id>/photo/", card_photo.show_photo, name="photo"),
    path("<uuid:id>/photo/change/", card_photo.change_photo, name="change_photo"),
    path("<uuid:id>/photo/remove/", card_photo.drop_photo, name="remove_photo"),
    path("<uuid:id>/main-point/<uuid:row>/", card_parts.main_point, name="main_point"),
    path("<uuid:id>/payer/<uuid:row>/", card_parts.payer, name="payer"),
    path("<uuid:id>/edit/", new.edit_customer, name="edit"),
    path("<uuid:id>/archive/", archive.archive_customer, name="archive"),
    path("<uuid:id>/archive/resolve/", archive.resolve_pending, name="resolve_pending"),
    path("<uuid:id>/delete/", delete.delete_customer, name="delete"),
    path("<uuid:id>/person/", person.show_person, name="person"),
    path("<uuid:id>/person/export/", person.export_person, name="person_export"),
    path("<uuid:id>/person/anonymise/", person.anonymise_person, name="person_anonymise"),
    path("<uuid:id>/person/<uuid:asked>/file/", person.person_file, name="person_file"),
    path("<uuid:id>/unarchive/", archive.unarchive_customer, name="unarchive"),
]
urlpatterns = [
    path("", include((own, "customers"))),
    # The frame of every page asks for this name; the search it leads to runs through all rooms' sources.
    path("find/", find.find_customers, name="search"),
]
