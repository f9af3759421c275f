//! What every store must keep of its port's promises: one small case for each, as plain functions, and a macro
//! for each port that makes a test of each case.
//!
//! A macro takes a function that makes an empty store and whatever must live as long as the store:
//!
//! ```text
//! async fn empty() -> (Arc<dyn SessionStore>, TempDir) { … }
//! cloakroom_testkit::session_store_conformance!(empty);
//! ```
//!
//! To add a backend, implement the port and run its macro; to add a promise, add a case and its name below.
#![expect(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case is a test: its name is its sentence, and it fails by panicking"
)]

pub mod families;
pub mod sessions;
pub mod users;

mod world;

use cloakroom_core::ports::{FamilyStore, UserStore};

/// A store of users and families, which are kept in one place because some steps change both.
pub trait IdentityStore: UserStore + FamilyStore {}

impl<S: UserStore + FamilyStore> IdentityStore for S {}

/// Makes one test of each case.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($make:path, $port:ident: $($case:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (store, _kept_alive) = $make().await;
                $crate::conformance::$port::$case(&store).await;
            }
        )+
    };
}

/// Tests a session store: takes a path to an `async fn() -> (Arc<dyn SessionStore>, T)`.
#[macro_export]
macro_rules! session_store_conformance {
    ($make:path) => {
        $crate::conformance_tests! { $make, sessions:
            a_stored_session_is_found_with_everything_in_it
            an_unknown_session_is_absent
            lease_fence_and_position_of_a_new_session_are_the_stores_to_set
            a_new_session_ends_the_one_it_replaces
            replacing_a_session_that_has_ended_already_changes_nothing_of_it
            the_oldest_session_above_the_limit_ends
            sessions_that_have_ended_do_not_count_towards_the_limit
            sessions_of_somebody_else_do_not_count_towards_the_limit
            the_limit_holds_under_parallel_logins
            an_id_or_handle_that_is_stored_already_is_an_error
            a_login_in_flight_is_refused_when_its_principal_was_ended
            a_login_in_flight_is_refused_when_its_login_at_the_provider_was_ended
            a_login_in_flight_is_refused_when_everybody_was_ended
            a_refused_login_replaces_nothing
            a_login_that_began_after_the_ending_is_stored
            an_ending_concerns_neither_another_subject_nor_another_provider
            an_ending_of_one_session_refuses_no_login
            a_login_that_the_ending_spared_is_stored
            sparing_a_login_once_does_not_undo_an_earlier_ending
            the_latest_ending_is_the_reason_that_is_told
            an_operator_ends_a_session_by_its_handle
            an_owner_ends_only_their_own_session
            a_provider_ends_the_sessions_of_one_login
            an_ending_of_a_principal_spares_the_session_it_names
            an_ending_of_a_principal_spares_the_login_it_names
            everybody_is_ended_at_once
            the_first_ending_counts
            an_ending_heard_again_leaves_later_sessions_alone
            a_tombstone_keeps_the_verifier_and_the_reason_until_it_is_purged
            a_free_lease_is_held_and_raises_the_fence
            a_lease_that_is_taken_is_busy
            a_record_that_moved_on_is_returned_before_it_is_leased
            a_lease_that_was_given_back_leaves_the_record_moved
            a_beat_shows_that_the_holder_lives
            a_holder_that_shows_no_beat_is_taken_over
            a_holder_whose_beat_moved_is_not_taken_over
            whoever_was_taken_over_can_change_nothing
            storing_tokens_writes_them_and_frees_the_lease
            tokens_are_stored_only_under_a_lease_that_is_held
            a_logout_beats_a_refresh
            no_two_leases_of_a_session_show_the_same_beat
            of_fifty_parallel_askers_one_gets_the_lease
            of_fifty_parallel_askers_one_takes_a_dead_holder_over
            a_slide_moves_the_idle_end_and_the_last_activity
            a_slide_never_moves_backwards
            a_slide_never_passes_the_absolute_end
            a_slide_revives_nothing
            a_slide_of_an_unknown_session_does_not_stop_the_batch
            a_list_shows_the_most_recently_active_first
            a_list_is_cut_at_its_limit
            a_list_shows_live_sessions_alone
            a_list_of_everybody_shows_all_principals
            the_feed_of_a_new_store_is_empty
            creating_renewing_and_ending_are_in_the_feed
            slides_beats_and_leases_are_not_in_the_feed
            a_record_carries_the_position_of_its_last_change
            a_position_from_the_future_is_behind
            the_feed_keeps_what_is_young_and_tells_who_is_behind
            purging_takes_what_is_past_its_absolute_end
            purging_stops_at_its_limit
            purging_keeps_endings_that_a_login_in_flight_must_obey
        }
    };
}

/// Tests a store's users: takes a path to an `async fn() -> (Arc<impl UserStore + FamilyStore>, T)`.
#[macro_export]
macro_rules! user_store_conformance {
    ($make:path) => {
        $crate::conformance_tests! { $make, users:
            a_stored_user_is_found_by_id_name_and_address
            a_name_that_is_taken_is_refused
            a_hundred_parallel_registrations_of_one_name_store_one_user
            a_hundred_parallel_registrations_of_one_address_store_one_user
            an_id_that_is_stored_already_is_an_error
            roles_are_sorted_and_stand_there_once
            an_update_changes_only_what_it_names
            an_update_removes_what_it_says
            an_update_to_a_taken_name_is_refused_and_changes_nothing
            of_parallel_renames_to_one_name_one_wins
            an_update_of_nobody_is_absent
            a_rehash_replaces_only_the_hash_it_knows
            a_rehash_is_no_change_of_password
            a_change_of_password_ends_every_login_but_the_one_it_keeps
            a_change_of_password_may_keep_every_login
            a_change_of_password_is_void_once_the_login_that_asks_has_ended
            disabling_ends_every_login_and_is_told_once
            an_enabled_user_may_log_in_again
            deleting_takes_everything_of_the_user_with_it
            a_change_for_nobody_is_false_and_tells_nobody
            a_list_goes_on_after_the_name_it_is_given
            the_newest_ten_devices_are_known
            a_device_that_is_used_again_counts_as_new
            a_device_is_known_for_its_own_user_alone
            the_outbox_is_read_in_order_and_forgets_what_was_delivered
        }
    };
}

/// Tests a store's families: takes a path to an `async fn() -> (Arc<impl UserStore + FamilyStore>, T)`.
#[macro_export]
macro_rules! family_store_conformance {
    ($make:path) => {
        $crate::conformance_tests! { $make, families:
            a_family_is_found_as_it_was_begun
            nobody_begins_a_family_for_a_user_who_may_not_log_in
            nobody_begins_a_family_with_a_password_that_was_changed_meanwhile
            a_hash_that_is_stored_already_is_an_error
            the_live_token_is_rotated_and_its_successor_stored
            a_lost_answer_is_repeated_with_the_same_successor
            a_spent_token_whose_successor_is_used_is_stale_and_revokes_nothing
            a_successor_never_outlives_the_family
            a_token_that_nobody_issued_is_unknown
            a_token_past_its_end_is_refused_and_not_spent
            wider_scope_is_refused_and_nothing_is_spent
            the_key_that_a_token_was_spent_with_is_kept
            a_stranger_kills_the_family_and_the_outbox_knows
            a_revoked_family_refuses_every_member
            of_two_parallel_presentations_one_rotates
            of_fifty_parallel_presentations_one_rotates
            a_revocation_that_races_a_rotation_leaves_no_usable_token
            revoking_by_token_needs_the_right_client
            revoking_a_family_is_told_once
            revoking_a_user_ends_all_of_their_families
            revoking_everybody_tells_of_each_user
            peeking_spends_nothing
            a_blocked_access_token_stays_blocked
            purging_takes_what_is_past_its_end_up_to_the_limit
        }
    };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The names of all cases in the files below `folder`.
    fn cases(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names.extend(cases(&path));
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let heads = text
                .lines()
                .filter_map(|line| line.strip_prefix("pub async fn "));
            names.extend(heads.map(|head| {
                let end = head.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
                head.split_at(end.unwrap()).0.to_owned()
            }));
        }
        names
    }

    #[test]
    fn every_case_is_run_by_a_macro() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance");
        let cases = cases(&folder);
        assert!(cases.len() > 90, "{}", cases.len());
        let listed: Vec<_> = include_str!("conformance.rs")
            .lines()
            .map(str::trim)
            .collect();
        for case in cases {
            assert!(listed.contains(&case.as_str()), "{case} is in no macro");
        }
    }
}
